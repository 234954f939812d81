import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { DagFolder } from '../../scheduler/services/dagFolder.ts';
import { openLab, type Lab } from './lab.ts';

const yaml = (dagId: string): string => `dag_id: ${dagId}\ntasks:\n  - task_id: t\n    command: "true"\n`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

it('a circular link does not end the scheduler, which continues to notice changes', async () => {
  lab.write('first.yaml', yaml('first'));
  symlinkSync('.', path.join(lab.folder, 'again'));
  await lab.scheduler();
  lab.write('second.yaml', yaml('second'));
  await lab.eventually("select 1 from runbeat.dag where dag_id = 'second' and not is_stale");
  const { rows } = await lab.pool.query(
    "select from runbeat.job where job_type = 'SchedulerJob' and state = 'running'",
  );
  expect(rows).toHaveLength(1);
});

/** Replaces a link atomically, as tools that publish a checkout or a volume do. */
function moveLink(link: string, target: string): void {
  symlinkSync(target, `${link}.new`);
  renameSync(`${link}.new`, link);
}

it('a folder that is a link to a checkout is read again when the link is replaced', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'runbeat-checkouts-'));
  for (const dagId of ['old', 'new']) {
    mkdirSync(path.join(root, dagId));
    writeFileSync(path.join(root, dagId, `${dagId}.yaml`), yaml(dagId));
  }
  const link = path.join(root, 'current');
  symlinkSync('old', link);
  const folder = new DagFolder(link, lab.pool, createLogger('test', 'silent'), 20);
  await folder.open(() => undefined);
  try {
    await lab.eventually("select from runbeat.dag where dag_id = 'old' and not is_stale");
    moveLink(link, 'new');
    await lab.eventually("select from runbeat.dag where dag_id = 'new' and not is_stale");
    await lab.eventually("select from runbeat.dag where dag_id = 'old' and is_stale");
  } finally {
    await folder.close();
    rmSync(root, { recursive: true });
  }
});

it('a mounted ConfigMap has each DAG once, and follows an update', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'runbeat-volume-'));
  const version = (name: string, dagId: string): void => {
    mkdirSync(path.join(root, name));
    writeFileSync(path.join(root, name, 'mounted.yaml'), yaml(dagId));
  };
  version('..2026_01', 'mounted_one');
  symlinkSync('..2026_01', path.join(root, '..data'));
  symlinkSync('..data/mounted.yaml', path.join(root, 'mounted.yaml'));
  const folder = new DagFolder(root, lab.pool, createLogger('test', 'silent'), 20);
  await folder.open(() => undefined);
  try {
    await lab.eventually("select from runbeat.dag where dag_id = 'mounted_one' and fileloc = 'mounted.yaml'");
    expect((await lab.pool.query('select fileloc from runbeat.import_error')).rows).toEqual([]);
    version('..2026_02', 'mounted_two');
    moveLink(path.join(root, '..data'), '..2026_02');
    rmSync(path.join(root, '..2026_01'), { recursive: true });
    await lab.eventually("select from runbeat.dag where dag_id = 'mounted_two' and not is_stale");
  } finally {
    await folder.close();
    rmSync(root, { recursive: true });
  }
});
