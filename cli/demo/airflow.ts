import { randomInt } from 'node:crypto';
import path from 'node:path';
import { freePort } from '../../platform/postgres/embedded.ts';
import { UserError } from '../../platform/errors.ts';
import { AirflowInstance, prepare } from './airflow/instance.ts';
import { NEWEST_RELEASE } from './airflow/release.ts';
import { demoSettings } from '../config.ts';
import type { Breakable } from './breakages.ts';
import { EXPORTER_PORT, preferredPort, PROMISES_FILE, type Parts } from './parts.ts';
import type { Progress } from './progress.ts';
import { PromisesFile } from './promisesFile.ts';
import { Services } from './services.ts';
import { Stopped, type Stops } from './stops.ts';

const DAG = 'onboarding';
const DAGS_FOLDER = path.join(import.meta.dirname, 'airflow', 'dags');
const PROMISES = `promises:
  - name: decision
    dags: { dag_id: ${DAG} }
    ends_within: 3m
    share: 95%
`;

/** The parts of the demo with a real Airflow 3, whose scheduler and DAGs replace the bundled ones. */
export async function startAirflowParts(progress: Progress, headless: boolean, stops: Stops): Promise<Parts> {
  const say = (line: string): void => {
    // The start can be aborted at each progress line. It then stops what it has started.
    if (stops.isStopping) throw new Stopped();
    progress.say(line);
  };
  const airflow = new AirflowInstance(
    await prepare(NEWEST_RELEASE, { dagsFolder: DAGS_FOLDER, awaitDags: [DAG], progress: say }),
  );
  await stops.add(() => airflow.stop());
  await airflow.start(say);
  const exporterPort = headless ? await freePort() : await preferredPort(EXPORTER_PORT, progress);
  const { apiToken } = demoSettings();
  const promises = PromisesFile.written(PROMISES_FILE, PROMISES);
  const services = new Services(
    {
      RUNBEAT_DATABASE_URL: '',
      RUNBEAT_INDEX_URL: '',
      RUNBEAT_SOURCE_URL: airflow.databaseUrl,
      RUNBEAT_UI_URL: airflow.baseUrl,
      RUNBEAT_CONFIG: promises.file,
      RUNBEAT_LISTEN: `127.0.0.1:${exporterPort}`,
      RUNBEAT_KEYS: 'user_id=conf.user_id,application_id=conf.application.id',
    },
    (text) => progress.say(text),
  );
  await stops.add(() => services.stop());
  services.start('exporter', ['exporter']).catch(() => undefined);
  return {
    arrive: (count) => arrive(airflow, count),
    // A run has forty tasks, each in a separate process.
    patienceMs: 300_000,
    services,
    breakable: breakableOf(airflow, services),
    breakages: ['scheduler', 'exporter'],
    others: [
      ['Airflow', airflow.baseUrl, 'its own UI'],
      ['DAGs', airflow.dagsFolder, ''],
    ],
    exporterUrl: `http://127.0.0.1:${exporterPort}`,
    apiToken,
  };
}

async function arrive(airflow: AirflowInstance, count: number): Promise<number[]> {
  const users = Array.from({ length: count }, () => randomInt(1, 1_000_000));
  for (const user_id of users) await airflow.trigger(DAG, { user_id, application: { id: `app-${user_id}` } });
  return users;
}

/** With Airflow, only its scheduler and the demo's exporter can be broken. */
function breakableOf(airflow: AirflowInstance, services: Services): Breakable {
  const only = (): never => {
    throw new UserError('The demo with Airflow can only break the scheduler and the exporter.');
  };
  return {
    services: {
      kill: (name) => {
        if (name === 'exporter') services.kill(name);
        else if (name === 'scheduler' && airflow.processes.has(name)) void airflow.processes.kill(name);
        else if (name === 'worker') only();
      },
      freeze: only,
      mend: (name) => {
        if (name === 'exporter') services.mend(name);
        else if (name === 'scheduler' && !airflow.processes.has(name)) airflow.processes.startAgain(name);
      },
    },
    dags: { add: only, remove: () => undefined },
    promises: { add: only, restore: () => undefined },
  };
}
