import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, type TimeZone } from '@grafana/data';
import { Portal, useStyles2, VizTooltipContainer } from '@grafana/ui';
import type { ReactElement } from 'react';
import { countStates } from '../../data/countStates.ts';
import { formatMilliseconds, formatSeconds } from '../../data/duration.ts';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook } from '../../data/stateLook.ts';
import { describeAttempt } from './describe.ts';
import type { GanttTask, SegmentKind } from './model.ts';
import type { GanttRow } from './rows.ts';
import { spentIn, workOf } from './timing.ts';

interface Props {
  row: GanttRow;
  /** Position of the pointer in the page. */
  position: { x: number; y: number };
  timeZone: TimeZone;
  now: number;
}

/** All details of a row, next to the pointer. */
export function GanttTooltip({ row, position, timeZone, now }: Props): ReactElement {
  const styles = useStyles2(tooltipStyles);
  const state = row.kind === 'task' ? row.task.state : row.state;
  const facts = row.kind === 'task' ? taskFacts(row.task, timeZone, now) : groupFacts(row.tasks);
  return (
    <Portal>
      <VizTooltipContainer position={position} offset={{ x: 14, y: 14 }}>
        <div className={styles.head}>
          <StateIcon state={state} size="md" />
          <strong className={styles.title}>{row.label}</strong>
          <span className={styles.state}>{stateLook(state).label}</span>
        </div>
        {row.kind === 'task' && row.task.waiting && <p className={styles.waiting}>{row.task.waiting}</p>}
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </VizTooltipContainer>
    </Portal>
  );
}

type Fact = [name: string, value: string];

function groupFacts(tasks: readonly GanttTask[]): Fact[] {
  return [
    ['Task instances', String(tasks.length)],
    ...countStates(tasks).map(([label, count]): Fact => [label, String(count)]),
  ];
}

function taskFacts(task: GanttTask, timeZone: TimeZone, now: number): Fact[] {
  const newest = task.attempts.at(-1)!;
  const format = 'YYYY-MM-DD HH:mm:ss.SSS';
  const clock = (at: number | null | undefined) => (at == null ? '–' : dateTimeFormat(at, { timeZone, format }));
  const running = newest.segments.find((segment) => segment.kind === 'running');
  const known = (name: string, value: string | null): Fact[] => (value === null ? [] : [[name, value]]);
  const spent = (name: string, kind: SegmentKind): Fact[] => {
    const ms = spentIn(newest, kind, now);
    return ms === null ? [] : [[name, formatMilliseconds(ms)]];
  };
  return [
    ...spent('Nothing ran before it for', 'gap'),
    ...spent('Waited for the scheduler', 'scheduler'),
    ...spent('Queued for a slot', 'slot'),
    ['Ran', formatMilliseconds(spentIn(newest, 'running', now))],
    ...known('Usual duration', task.usualSeconds === null ? null : formatSeconds(task.usualSeconds)),
    ...(task.attempts.length > 1 ? [['Ran in all tries', formatMilliseconds(workOf(task, now))] as Fact] : []),
    ['Started', clock(running?.from)],
    ['Ended', running && running.to === null ? 'still running' : clock(running?.to)],
    ...known('Expected end', task.expectedEnd === null ? null : clock(task.expectedEnd)),
    ...task.attempts.slice(0, -1).map((attempt): Fact => [`Try ${attempt.tryNumber}`, describeAttempt(attempt, now)]),
    ...(newest.tryNumber > 1 ? [['This try', String(newest.tryNumber)] as Fact] : []),
    ...known('Operator', task.operator),
    ...known('Group', task.taskGroup),
    ...known('Pool', task.pool),
    ...known('Host', task.hostname),
    ...(task.critical ? [['Critical path', 'yes'] as Fact] : []),
    ...(task.missing.length > 0 ? [['Not recorded by the source', task.missing.join(', ')] as Fact] : []),
  ];
}

const tooltipStyles = (theme: GrafanaTheme2) => ({
  head: css({ display: 'flex', alignItems: 'center', gap: 6, marginBottom: theme.spacing(0.5) }),
  title: css({ overflowWrap: 'anywhere' }),
  state: css({ marginLeft: 'auto', paddingLeft: theme.spacing(2), color: theme.colors.text.secondary }),
  waiting: css({ maxWidth: 380, margin: theme.spacing(0, 0, 0.5) }),
  facts: css({
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    '& > div': { display: 'flex', justifyContent: 'space-between', gap: theme.spacing(3) },
    '& dt': { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    '& dd': { margin: 0, fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere', textAlign: 'right' },
  }),
});
