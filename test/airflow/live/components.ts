import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Page, RunDetail, SourceHealth } from '../../../shared/api.ts';
import { API_PREFIX, runPath } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';
import type { Release } from '../../../cli/demo/airflow/release.ts';
import { eventually, HEARTBEAT_THRESHOLD_SECONDS, SOURCE } from './observer.ts';
import type { Stage } from './waits.ts';

/** A fault is reported within this time after its threshold. */
const REPORTED_WITHIN_SECONDS = 15;
/** A clean shutdown takes seconds, or minutes on a busy machine. */
const PATIENCE_MS = 180_000;

/** Breaks what a real Airflow needs besides schedulers. Clean restarts must not be reported. */
export function testComponents(release: Release, stage: () => Stage): void {
  describe('reports broken components other than the scheduler', () => {
    /** By host, because one that was killed and its successor have the same. */
    const alive = async (component: string): Promise<Record<string, number>> => {
      const samples = await stage().observer.samples('runbeat_component_alive', { component });
      const found: Record<string, number> = {};
      for (const { labels, value } of samples) {
        const [host] = labels.instance!.split(':') as [string];
        found[host] = Math.max(found[host] ?? 0, value);
      }
      return found;
    };
    const gauge = async (name: string): Promise<number | undefined> => (await stage().observer.samples(name))[0]?.value;
    const health = async (): Promise<SourceHealth> =>
      (await stage().observer.get<Page<SourceHealth>>('/health')).items[0]!;
    /** Waits for the report, and expects it in time after the threshold. */
    const told = async (check: () => Promise<void>): Promise<void> => {
      const from = performance.now();
      await eventually(check);
      expect((performance.now() - from) / 1_000).toBeLessThan(HEARTBEAT_THRESHOLD_SECONDS + REPORTED_WITHIN_SECONDS);
    };

    test('nothing while everything is healthy', async () => {
      await eventually(async () => expect(await alive('triggerer')).toEqual({ triggerer: 1 }));
      if (release.major === 3) expect(await alive('dag_processor')).toEqual({ 'dag-processor': 1 });
      await eventually(async () =>
        expect([await gauge('runbeat_import_errors'), await gauge('runbeat_deferred_unserved')]).toEqual([0, 0]),
      );
    });

    test('a dead triggerer while another one serves all triggers', async () => {
      const { airflow } = stage();
      const second = 'second-triggerer';
      if (!airflow.processes.has(second)) airflow.processes.start(second, ['triggerer', '--skip-serve-logs']);
      await eventually(async () => expect(await alive('triggerer')).toEqual({ triggerer: 1, [second]: 1 }));
      await airflow.processes.kill(second);
      await told(async () => expect(await alive('triggerer')).toEqual({ triggerer: 1, [second]: 0 }));
    });

    test('the death of the only triggerer, and the tasks that are left without one', async () => {
      const { airflow, observer } = stage();
      await eventually(async () => expect(await gauge('runbeat_deferred_unserved')).toBe(0));
      await airflow.processes.kill('triggerer');
      await told(async () => {
        expect((await alive('triggerer')).triggerer).toBe(0);
        expect(await gauge('runbeat_deferred_unserved')).toBeGreaterThan(0);
      });
      const { tasks } = await observer.get<RunDetail>(
        runPath(SOURCE, 'waiting', 'lab_waiting').slice(API_PREFIX.length),
      );
      const { waiting } = tasks.find((task) => task.task_id === 'deferred')!;
      expect(waiting!.detail).toMatch(/no triggerer is alive/);
      airflow.processes.startAgain('triggerer');
      await eventually(async () => {
        expect(Object.values(await alive('triggerer'))).toContain(1);
        expect(await gauge('runbeat_deferred_unserved')).toBe(0);
      });
    });

    test('a file that can’t be imported, and since when', async () => {
      const { airflow } = stage();
      const file = path.join(airflow.dagsFolder, 'broken.py');
      // Airflow only parses files that contain both words.
      writeFileSync(file, 'raise RuntimeError("this file is broken")  # an airflow dag\n');
      const written = Date.now();
      try {
        await airflow.waitFor('Airflow has noticed', 'select count(*) = 1 from import_error');
        await told(async () => expect(await gauge('runbeat_import_errors')).toBe(1));
        const [error] = (await health()).import_errors!.items;
        expect(error).toMatchObject({ error: expect.stringContaining('this file is broken') });
        expect(error!.file).toContain('broken.py');
        expect(Date.parse(error!.since!)).toBeGreaterThanOrEqual(written);
      } finally {
        rmSync(file);
      }
      await airflow.waitFor('Airflow has noticed again', 'select count(*) = 0 from import_error');
      await eventually(async () => expect(await gauge('runbeat_import_errors')).toBe(0));
    });

    test('DAGs that are no longer parsed', async () => {
      const { airflow } = stage();
      await eventually(async () => expect(await gauge('runbeat_dags_unparsed')).toBe(0));
      // In Airflow 2, a child process of the scheduler parses files.
      const goOn =
        release.major === 2
          ? airflow.processes.suspendTitled(/^airflow scheduler -- DagFileProcessorManager/)
          : airflow.processes.suspend('dag-processor');
      try {
        await told(async () => {
          // A wait of eleven minutes would be too long. It is repeated because the file may still be being parsed.
          await airflow.query(
            "update dag set last_parsed_time = now() - interval '11 minutes' where dag_id = 'user_flow'",
          );
          expect(await gauge('runbeat_dags_unparsed')).toBe(1);
        });
        expect((await health()).unparsed_dags!.items).toMatchObject([{ dag_id: 'user_flow' }]);
      } finally {
        goOn();
      }
      // Airflow may mark such an old DAG as removed until it parses its file again.
      await airflow.waitFor(
        'the DAG is parsed again',
        "select last_parsed_time > now() - interval '1 minute' from dag where dag_id = 'user_flow'",
      );
      await eventually(async () => expect(await gauge('runbeat_dags_unparsed')).toBe(0));
    });

    test.runIf(release.major === 3)('a DAG processor that is dead', async () => {
      const { airflow } = stage();
      await airflow.processes.kill('dag-processor');
      await told(async () => expect((await alive('dag_processor'))['dag-processor']).toBe(0));
      airflow.processes.startAgain('dag-processor');
      await eventually(async () => expect(Object.values(await alive('dag_processor'))).toContain(1));
    });

    test('nothing while each of them is restarted cleanly', async () => {
      const { airflow, observer } = stage();
      // On a machine so slow that the successor starts after the threshold, a report is right.
      const deadTooSoon = async (): Promise<string[]> => {
        const ages = new Map(
          (await observer.samples('runbeat_component_heartbeat_age_seconds')).map((age) => [
            age.labels.instance!,
            age.value,
          ]),
        );
        return (await observer.samples('runbeat_component_alive'))
          .filter(({ value, labels }) => value === 0 && ages.get(labels.instance!)! < HEARTBEAT_THRESHOLD_SECONDS)
          .map(({ labels }) => labels.instance!);
      };
      for (const name of release.major === 2 ? ['triggerer'] : ['triggerer', 'dag-processor']) {
        await airflow.processes.restart(name, PATIENCE_MS);
        const seen = new Set<string>();
        await eventually(async () => {
          for (const instance of await deadTooSoon()) seen.add(instance);
          expect(await beats(airflow, name)).toBe(true);
        });
        expect([...seen]).toEqual([]);
      }
    });
  });
}

const JOBS: Readonly<Record<string, string>> = { triggerer: 'TriggererJob', 'dag-processor': 'DagProcessorJob' };

async function beats(airflow: Airflow, name: string): Promise<boolean> {
  const [row] = await airflow.query<{ beats: boolean }>(
    "select exists (select from job where job_type = $1 and state = 'running' and latest_heartbeat > now() - interval '5 seconds') as beats",
    [JOBS[name]],
  );
  return row!.beats;
}
