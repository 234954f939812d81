/** DAG files that a round runs, and bad ones that it must survive. */

export const GOOD_DAGS = 20;
/** Number of tasks in each good DAG. */
export const GOOD_TASKS = 6;

export const goodId = (at: number): string => `good_${at}`;

/** A DAG with branches, a command, and a task that runs long enough to be hit by faults. It has enough retries for all kills. */
export function goodFile(at: number): string {
  return `import { dag } from 'runbeat';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default dag('${goodId(at)}', { maxActiveRuns: 100, defaults: { retries: 10, retryDelaySeconds: 0 } }, (b) => {
  const first = b.task('first', {}, ({ log }) => log('hello'));
  const left = b.task('left', { after: first }, () => pause(${20 + 5 * at}));
  const long = b.task('long', { after: first }, () => pause(${300 + 50 * at}));
  const shell = b.shell('shell', { after: left, command: 'echo "$RUNBEAT_RUN_ID"' });
  const join = b.task('join', { after: [shell, long] }, () => undefined);
  b.task('last', { after: join }, () => undefined);
});
`;
}

export interface Poison {
  file: string;
  text: string;
  /** DAG to trigger, if the file has one that can be imported. */
  dagId: string | null;
}

/** Bad DAG files, one per round. */
export function poisonOf(round: number): Poison {
  const id = `poison_${round}`;
  const code = (body: string): Poison => ({
    file: `${id}.ts`,
    dagId: id,
    text: `import { dag } from 'runbeat';\nexport default dag('${id}', { defaults: { timeoutSeconds: 2 } }, (b) => { ${body} });\n`,
  });
  const file = (name: string, text: string): Poison => ({ file: name, text, dagId: null });
  const kinds = [
    (): Poison => file(`${id}.ts`, 'export default dag(('),
    (): Poison => code(`b.task('t', {}, () => { for (;;); });`),
    (): Poison => file(`${id}.yaml`, `dag_id: ${id}\ntasks:\n  - {task_id: t, command: "true", retries: 3000000000}\n`),
    (): Poison => code(`b.task('t', {}, () => process.exit(3));`),
    (): Poison =>
      file(`${id}.yaml`, `dag_id: ${id}\ndescription: "a\\0b"\ntasks:\n  - {task_id: t, command: "true"}\n`),
    (): Poison =>
      code(
        `b.task('t', {}, () => { setTimeout(() => { throw new Error('late'); }, 1); return new Promise(() => undefined); });`,
      ),
    (): Poison => file(`${id}.ts`, 'process.exit(1);'),
    (): Poison => code(`b.sensor('t', { pokeIntervalSeconds: 1e18 }, () => false);`),
    (): Poison =>
      code(`b.task('t', {}, async () => { (await import('node:worker_threads')).parentPort.postMessage(null); });`),
    (): Poison => file(`${id}.ts`, 'for (;;);'),
  ];
  return kinds[round % kinds.length]!();
}
