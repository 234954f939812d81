import { EmptyState, Stack, Text } from '@grafana/ui';
import { PAGES } from '../../../shared/grafana.ts';
import { useExporter } from '../../app/useExporter.ts';
import { PageLink } from '../../components/PageLink.tsx';
import type { RecentSearch } from './recentSearches.ts';

const SUGGESTED = 8;

/** Shown before a search: recent searches, and ids that have runs. */
export function LookupStart({ recent }: { recent: readonly RecentSearch[] }) {
  const { data, error } = useExporter(['keys'], (api, signal) => api.keys({}, signal));
  const known = (data?.items ?? []).filter((key) => key.values.length > 0);
  if (recent.length === 0 && known.length === 0)
    return <NothingKnown indexed={Boolean(data)} failed={Boolean(error)} />;
  return (
    <Stack direction="column" gap={2}>
      {recent.length > 0 && (
        <LinkList
          title="Recent searches"
          links={recent.map(({ label, query }) => ({ label, to: `${PAGES.lookup}?${query}` }))}
        />
      )}
      {known.map(({ key, values }) => (
        <LinkList
          key={key}
          title={`Newest ${key}`}
          links={values.slice(0, SUGGESTED).map((value) => ({
            label: value,
            to: `${PAGES.lookup}?${new URLSearchParams({ key, value })}`,
          }))}
        />
      ))}
    </Stack>
  );
}

function LinkList({ title, links }: { title: string; links: readonly { label: string; to: string }[] }) {
  return (
    <section aria-label={title}>
      <Text element="h2" variant="h6" color="secondary">
        {title}
      </Text>
      <Stack direction="row" gap={2} wrap="wrap">
        {links.map(({ label, to }) => (
          <PageLink key={to} to={to}>
            {label}
          </PageLink>
        ))}
      </Stack>
    </section>
  );
}

function NothingKnown({ indexed, failed }: { indexed: boolean; failed: boolean }) {
  if (!indexed && !failed) return null;
  return (
    <EmptyState variant="call-to-action" message="Type an id, or paste a column of them" hideImage>
      {failed
        ? 'Suggestions could not be loaded. Run a lookup to see why.'
        : 'No run with a business key has been seen yet. RUNBEAT_KEYS on the exporter sets which keys are read.'}
    </EmptyState>
  );
}
