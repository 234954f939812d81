import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Text, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import type { CriticalPath } from '../../../shared/api.ts';
import { formatSeconds } from '../../data/duration.ts';
import { timeParts, type TimePart } from './timeParts.ts';

/** Shows why a run was slow: the time on the critical path, by what the run was waiting for. */
export function WhereTimeWent({ path }: { path: CriticalPath }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const parts = timeParts(path);
  const colorOf = (part: TimePart) => theme.visualization.getColorByName(part.color);
  return (
    <section className={styles.section} aria-labelledby="where-time-went">
      <Text element="h2" variant="h6" id="where-time-went">
        Where did the time go?
      </Text>
      <div className={styles.bar} aria-hidden>
        {parts.map((part) => (
          <div key={part.name} style={{ flexGrow: part.share, background: colorOf(part) }} />
        ))}
      </div>
      <ul className={styles.legend}>
        {parts.map((part) => (
          <li key={part.name}>
            <Tooltip content={`${part.help}.`}>
              <span tabIndex={0}>
                <i className={styles.swatch} style={{ background: colorOf(part) }} />
                {part.name} <strong>{formatSeconds(part.seconds)}</strong>{' '}
                <Text color="secondary">{Math.round(part.share * 100)}%</Text>
              </span>
            </Tooltip>
          </li>
        ))}
      </ul>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  bar: css({
    display: 'flex',
    gap: 2,
    height: theme.spacing(1.5),
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
    background: theme.colors.background.secondary,
    '> div': { flexBasis: 0, minWidth: 2 },
  }),
  legend: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5, 3), listStyle: 'none' }),
  swatch: css({ display: 'inline-block', width: 10, height: 10, borderRadius: 2, marginRight: theme.spacing(0.75) }),
});
