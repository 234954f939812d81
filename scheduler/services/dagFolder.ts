import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { stop as stopCompiler } from 'esbuild';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { Evaluator } from '../loading/evaluate.ts';
import { isDagFile, loadFile } from '../loading/loadFile.ts';
import { inTransaction } from '../store/database.ts';
import { lockDags, retireMissing, saveFault, saveFile, type FileFault, type LoadedFile } from '../store/dags.ts';

/** Editors write a file in several steps; one look after the last of them is enough. */
const SETTLE_MS = 100;

export interface SyncResult {
  /** DAGs that are new or have a new version. */
  changed: string[];
  faults: FileFault[];
}

/**
 * Keeps the stored DAGs as the folder has them. All files are looked at each time: a file that changed may be one that
 * others import, and their bundles tell whether they did change.
 */
export class DagFolder {
  private watcher: FSWatcher | null = null;
  private settling: NodeJS.Timeout | null = null;
  private syncing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly pool: pg.Pool,
    private readonly logger: Logger,
  ) {}

  /** Syncs now, then after each change, until `close`. `onChange` is called when DAGs changed. */
  async open(onChange: () => void): Promise<void> {
    if (!existsSync(this.folder)) this.logger.warn({ folder: this.folder }, 'the DAGs folder is not there yet');
    await this.sync();
    this.watcher = watch(this.folder, {
      ignoreInitial: true,
      ignored: (file) => path.basename(file) === 'node_modules',
    });
    this.watcher.on('all', (_event, file) => {
      if (!isDagFile(file)) return;
      if (this.settling) clearTimeout(this.settling);
      this.settling = setTimeout(() => {
        this.syncing = this.syncing
          .then(() => this.sync())
          .then(({ changed }) => changed.length > 0 && onChange())
          .catch((error: unknown) => this.logger.error({ err: error }, 'DAGs could not be stored'));
      }, SETTLE_MS);
    });
    await new Promise<void>((resolve) => this.watcher!.once('ready', resolve));
  }

  async close(): Promise<void> {
    if (this.settling) clearTimeout(this.settling);
    await this.watcher?.close();
    await this.syncing;
  }

  async sync(): Promise<SyncResult> {
    const files = this.files();
    const evaluator = new Evaluator();
    const loaded: (LoadedFile | FileFault)[] = [];
    try {
      for (const file of files) loaded.push(await loadFile(this.folder, file, evaluator));
    } finally {
      await evaluator.close();
      // The compiler is a process of its own; an idle scheduler should not hold it.
      await stopCompiler();
    }
    return this.store(refuseDuplicates(loaded));
  }

  private async store(loaded: (LoadedFile | FileFault)[]): Promise<SyncResult> {
    const good = loaded.filter((file): file is LoadedFile => 'dags' in file);
    const faults = loaded.filter((file): file is FileFault => 'message' in file);
    const changed = await inTransaction(this.pool, async (client) => {
      await lockDags(client);
      const ids: string[] = [];
      for (const file of good) ids.push(...(await saveFile(client, file, new Date())));
      for (const fault of faults) await saveFault(client, fault);
      await retireMissing(client, {
        dagIds: good.flatMap((file) => file.dags.map((dag) => dag.dag_id)),
        filelocs: loaded.map((file) => file.fileloc),
        faulty: faults.map((fault) => fault.fileloc),
      });
      return ids;
    });
    if (changed.length > 0) this.logger.info({ dags: changed }, 'DAGs changed');
    for (const fault of faults) this.logger.warn({ file: fault.fileloc }, fault.message);
    return { changed, faults };
  }

  private files(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => isDagFile(file) && !file.split(path.sep).includes('node_modules'))
      .sort()
      .map((file) => path.join(this.folder, file));
  }
}

/** Two files may not declare the same DAG: the first, by name, keeps it. */
function refuseDuplicates(loaded: (LoadedFile | FileFault)[]): (LoadedFile | FileFault)[] {
  const owners = new Map<string, string>();
  return loaded.map((file) => {
    if (!('dags' in file)) return file;
    const taken = file.dags.find((dag) => owners.has(dag.dag_id));
    if (taken) {
      const owner = owners.get(taken.dag_id)!;
      return {
        fileloc: file.fileloc,
        message: `${file.fileloc}: DAG "${taken.dag_id}": dag_id: is declared in ${owner} already`,
      };
    }
    for (const dag of file.dags) owners.set(dag.dag_id, file.fileloc);
    return file;
  });
}
