import { locationUtil } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Alert, Button, LinkButton, Stack } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { ExporterFailure, FailureKind } from '../data/failure.ts';
import { failureWords } from './failureWords.ts';
import { LongWords } from './LongWords.tsx';

const SETTINGS_HELP: readonly FailureKind[] = ['unreachable', 'unauthorized', 'not_an_exporter'];

/** Failures caused by the request, so nothing is broken. */
const ASKED_AMISS: readonly FailureKind[] = ['refused', 'not_found'];

interface Props {
  failure: ExporterFailure;
  /** uid of the data source whose settings may be wrong. */
  runsUid?: string;
  onRetry?: () => void;
  /** Whether older data is shown below. */
  stale?: boolean;
  children?: ReactNode;
}

/** Explains a failed request: what is wrong, who can fix it, and buttons for that. */
export function FailureNotice({ failure, runsUid, onRetry, stale, children }: Props) {
  const words = failureWords(failure);
  const toSettings = runsUid && SETTINGS_HELP.includes(failure.kind) && mayConfigure();
  return (
    <Alert severity={stale || ASKED_AMISS.includes(failure.kind) ? 'warning' : 'error'} title={words.title}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        {words.detail && <LongWords>{words.detail}</LongWords>}
        <span>
          {words.wayForward}
          {stale && ' The data below is from the last successful request.'}
        </span>
        <Stack direction="row" gap={1} wrap="wrap">
          {onRetry && (
            <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
              Try again
            </Button>
          )}
          {toSettings && (
            <LinkButton
              size="sm"
              variant="secondary"
              icon="cog"
              href={locationUtil.assureBaseUrl(`/connections/datasources/edit/${runsUid}`)}
            >
              Data source settings
            </LinkButton>
          )}
          {children}
        </Stack>
      </Stack>
    </Alert>
  );
}

function mayConfigure(): boolean {
  const { user } = config.bootData;
  return user.isGrafanaAdmin || user.orgRole === 'Admin';
}
