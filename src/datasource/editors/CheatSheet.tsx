import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { RunsQuery } from '../types.ts';

type Example = { title: string; about: string; query: Omit<RunsQuery, 'refId'> };

/** Example queries for Explore. */
const EXAMPLES: readonly Example[] = [
  {
    title: 'Where is this user’s run?',
    about: 'Runs of one or many ids at any time, with their progress and what they are waiting for.',
    query: { queryType: 'lookup', key: 'user_id', values: '42' },
  },
  {
    title: 'Which runs failed?',
    about: 'Runs in the time range, newest first. Filter by DAG, state and source.',
    query: { queryType: 'runs', states: ['failed'], limit: 100 },
  },
  {
    title: 'Where did the time of a run go?',
    about: 'Every try of its tasks, for the Gantt panel or a table. Set the DAG and the run, or use variables.',
    query: { queryType: 'run_tasks', dag_id: '$dag_id', run_id: '$run_id' },
  },
  {
    title: 'What does a run look like?',
    about: 'Its tasks and their dependencies, for the graph panel or Grafana’s node graph.',
    query: { queryType: 'run_graph', dag_id: '$dag_id', run_id: '$run_id' },
  },
  {
    title: 'How did a user get from arrival to decision?',
    about: 'All runs of an id over DAGs and sources with the gaps between them, for the Gantt panel or a table.',
    query: { queryType: 'journey', key: 'user_id', values: '42' },
  },
  {
    title: 'Which tasks started late?',
    about: 'The slowest transitions from one task to the next, with the duration of each stage.',
    query: { queryType: 'transitions', limit: 50 },
  },
  {
    title: 'Is a scheduler alive, and when was none?',
    about: 'Schedulers with the age of their heartbeats, and intervals without a live scheduler (also as annotations).',
    query: { queryType: 'outages', limit: 100 },
  },
];

export function CheatSheet({ onClickExample }: QueryEditorHelpProps<RunsQuery>) {
  const styles = useStyles2(getStyles);
  return (
    <div>
      <h2>Runbeat runs</h2>
      <p>Ids, DAGs, runs and sources accept variables, including multi-value ones. “All” selects all.</p>
      {EXAMPLES.map(({ title, about, query }) => (
        <div key={title} className={styles.example}>
          <button type="button" className={styles.title} onClick={() => onClickExample({ refId: 'A', ...query })}>
            {title}
          </button>
          <div>{about}</div>
        </div>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  example: css({ marginBottom: theme.spacing(1.5) }),
  title: css({ padding: 0, border: 0, background: 'none', color: theme.colors.text.link, textAlign: 'left' }),
});
