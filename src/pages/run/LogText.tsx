import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, EmptyState, Icon, Input, Stack, useStyles2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import type { AttemptLog } from '../../../shared/api.ts';
import { LINES_OF_A_PAGE, shownLines } from './logLines.ts';

const count = (lines: number) => lines.toLocaleString('en');

/** The log of one try: its last lines, earlier ones on demand, and a search over all of them. */
export function LogText({ log }: { log: AttemptLog }) {
  const styles = useStyles2(getStyles);
  const [wanted, setWanted] = useState('');
  const [pages, setPages] = useState(1);
  const { lines, earlier, found } = useMemo(
    () => shownLines(log.text, wanted, pages * LINES_OF_A_PAGE),
    [log.text, wanted, pages],
  );
  const all = useMemo(() => shownLines(log.text, '', 0).found, [log.text]);
  return (
    <Stack direction="column" gap={1}>
      {log.truncated && <Alert severity="info" title="This log is too long, so its middle is missing" />}
      <Input
        prefix={<Icon name="search" />}
        suffix={wanted && `${count(found)} of ${count(all)}`}
        placeholder={`Find in ${count(all)} lines`}
        aria-label="Find in this log"
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      {earlier > 0 && (
        <Button size="sm" variant="secondary" icon="arrow-up" onClick={() => setPages(pages + 1)}>
          {`Show ${count(Math.min(earlier, LINES_OF_A_PAGE))} earlier lines of ${count(earlier)}`}
        </Button>
      )}
      {found === 0 ? (
        <EmptyState variant="not-found" message="No line of this log has this text" />
      ) : (
        <pre className={styles.log} tabIndex={0} aria-label="Log">
          {lines.join('\n')}
        </pre>
      )}
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  log: css({ fontSize: theme.typography.bodySmall.fontSize, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});
