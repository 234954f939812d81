import type { DagsFolder } from './dagsFolder.ts';
import type { PromisesFile } from './promisesFile.ts';
import type { Services } from './services.ts';

/** The parts of the demo that a breakage can act on. */
export interface Breakable {
  services: Pick<Services, 'kill' | 'freeze' | 'mend'>;
  dags: Pick<DagsFolder, 'add' | 'remove'>;
  promises: Pick<PromisesFile, 'add' | 'restore'>;
}

/** A fault that the demo can cause on purpose, so that people see how Runbeat shows it. */
export interface Breakage {
  what: string;
  /** What to watch, and when it becomes visible. */
  watch: string;
  start(on: Breakable): void;
  end(on: Breakable): void;
}

export const SCHEDULERS = ['scheduler', 'fast scheduler'] as const;

/** A command that runs until its file is removed, but at most ten minutes. */
const untilRemoved = (file: string): string =>
  JSON.stringify(`for second in $(seq 600); do [ -e '${file}' ] || exit 0; sleep 1; done`);

const LATE_PROMISE = `  - name: late-report
    dags: { dag_id: late_report }
    succeeded_within: 15s
`;

export const BREAKAGES: Readonly<Record<string, Breakage>> = {
  scheduler: {
    what: 'kills every scheduler (kill -9)',
    watch:
      'Health turns red within 30 s, and RunbeatSchedulerDown fires. After mending, the outage lists the runs that it delayed',
    start: ({ services }) => SCHEDULERS.forEach((name) => services.kill(name)),
    end: ({ services }) => SCHEDULERS.forEach((name) => services.mend(name)),
  },
  freeze: {
    what: 'suspends every scheduler (SIGSTOP)',
    watch: 'the processes still exist, but Health turns red because no heartbeat arrives',
    start: ({ services }) => SCHEDULERS.forEach((name) => services.freeze(name)),
    end: ({ services }) => SCHEDULERS.forEach((name) => services.mend(name)),
  },
  worker: {
    what: 'kills the worker',
    watch: 'tasks stay queued, and the run page says what they wait for',
    start: ({ services }) => services.kill('worker'),
    end: ({ services }) => services.mend('worker'),
  },
  exporter: {
    what: 'kills the exporter',
    watch: 'the pages report that the exporter does not answer, and RunbeatExporterDown fires',
    start: ({ services }) => services.kill('exporter'),
    end: ({ services }) => services.mend('exporter'),
  },
  slow: {
    what: 'adds a DAG whose second task hangs',
    watch: 'the run page of slow_scoring shows the task that hangs',
    start: ({ dags }) =>
      dags.add(
        'slow_scoring.yaml',
        (file) => `dag_id: slow_scoring
description: Its second task hangs until the demo is mended.
owner: demo
schedule: '@continuous'
tasks:
  - { task_id: read_scores, command: 'true' }
  - { task_id: ask_bureau, after: read_scores, command: ${untilRemoved(file)} }
  - { task_id: store_score, after: ask_bureau, command: 'true' }
`,
      ),
    end: ({ dags }) => dags.remove('slow_scoring.yaml'),
  },
  promise: {
    what: 'promises a result within 15 s, and adds a DAG that takes longer',
    watch: 'Promises shows late-report as broken, and RunbeatPromiseMissed fires',
    start: ({ dags, promises }) => {
      promises.add(LATE_PROMISE);
      dags.add(
        'late_report.yaml',
        (file) => `dag_id: late_report
description: Ends only when the demo is mended, although a result is promised every 15 seconds.
owner: demo
schedule: '@continuous'
tasks:
  - { task_id: collect, command: 'true' }
  - { task_id: write_report, after: collect, command: ${untilRemoved(file)} }
`,
      );
    },
    end: ({ dags, promises }) => {
      dags.remove('late_report.yaml');
      promises.restore();
    },
  },
  pool: {
    what: 'fills the pool that onboarding uses',
    watch: 'new users wait, and the run page names the tasks that fill the pool',
    start: ({ dags }) =>
      dags.add(
        'pool_hog.yaml',
        (file) => `dag_id: pool_hog
description: Holds every slot of default_pool until the demo is mended.
owner: demo
schedule: '@continuous'
tasks:
  - { task_id: hold_all_slots, pool: default_pool, pool_slots: 128, priority: 1000, command: ${untilRemoved(file)} }
`,
      ),
    end: ({ dags }) => dags.remove('pool_hog.yaml'),
  },
  poison: {
    what: 'adds a DAG file that cannot be imported',
    watch: '`npx runbeat dags list` names the file and the error, and all other DAGs keep running',
    start: ({ dags }) => dags.add('poison.ts', () => "export default dag('never closed', {\n"),
    end: ({ dags }) => dags.remove('poison.ts'),
  },
};

/** A list for people, with one line per breakage. */
export function listBreakages(names: readonly string[] = Object.keys(BREAKAGES)): string {
  const width = Math.max(...names.map((name) => name.length));
  return Object.entries(BREAKAGES)
    .filter(([name]) => names.includes(name))
    .map(([name, { what, watch }]) => `  ${name.padEnd(width)}  ${what}: ${watch}`)
    .join('\n');
}
