import { Alert, ClipboardButton, Stack } from '@grafana/ui';

/** Lists the ids without a run; renders nothing if all were found. */
export function MissingIds({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return null;
  const shown = ids.slice(0, 10).join(', ');
  return (
    <Alert
      severity="info"
      title={`No run found for ${ids.length === 1 ? 'one id' : `${ids.length.toLocaleString('en')} ids`}`}
    >
      <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
        <span>
          {shown}
          {ids.length > 10 && ` and ${(ids.length - 10).toLocaleString('en')} more`}
        </span>
        <ClipboardButton size="sm" fill="text" icon="copy" getText={() => ids.join('\n')}>
          Copy all
        </ClipboardButton>
      </Stack>
    </Alert>
  );
}
