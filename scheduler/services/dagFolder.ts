import { existsSync } from 'node:fs';
import path from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { stop as stopCompiler } from 'esbuild';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { Evaluators } from '../loading/evaluate.ts';
import { FileCache, stampOf } from '../loading/fileCache.ts';
import { findDagFiles, type FoundFiles } from '../loading/findFiles.ts';
import { inTurns } from '../loading/inTurns.ts';
import { isDagFile, loadFile } from '../loading/loadFile.ts';
import { saveFolder, type FileFault, type LoadedFile } from '../store/dags.ts';
import { pause } from '../../platform/time/pause.ts';
import { untilAvailable } from '../../platform/postgres/faults.ts';

/** How long to wait after a change, because editors write a file in several steps. */
const QUIET_MS = 100;
/** Slow files do not delay the others. */
const TURNS = { width: 2, patienceMs: 1_000, slow: 4 };
/** How long the start waits for slow files, which may only be slow because the machine is busy. */
const START_MS = 3_000;
/** How often the folder is looked through, because not every change causes an event: on a network file system, or where a link moves. */
const RESCAN_MS = 30_000;

/**
 * Keeps the stored DAGs in sync with the folder. A file is read again when it, or a file that it imports, has changed.
 */
export class DagFolder {
  private watcher: FSWatcher | null = null;
  private pendingSync: NodeJS.Timeout | null = null;
  private rescan: NodeJS.Timeout | null = null;
  /** The files at the last sync. */
  private seen = '';
  private syncing: Promise<unknown> = Promise.resolve();
  private readonly cache = new FileCache();
  private readonly abort = new AbortController();
  /** Reads of slow files, which continue in the background. */
  private slow = { finished: Promise.resolve(), end: () => Promise.resolve() };
  private onChange: () => void = () => undefined;
  /** The errors that were already logged. */
  private reported: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly folder: string,
    private readonly pool: pg.Pool,
    private readonly logger: Logger,
    private readonly rescanMs: number = RESCAN_MS,
  ) {}

  /**
   * Syncs now and after each change, until `close`. Resolves when all DAGs are stored, except for those of files that take seconds to
   * read. `onChange` is called when DAGs have changed.
   */
  async open(onChange: () => void): Promise<void> {
    this.onChange = onChange;
    if (!existsSync(this.folder)) this.logger.warn({ folder: this.folder }, 'the DAGs folder does not exist yet');
    await this.sync();
    await Promise.race([this.slow.finished, pause(START_MS, this.abort.signal)]);
    this.watcher = watch(this.folder, {
      ignoreInitial: true,
      ignored: (file) => path.basename(file) === 'node_modules',
    });
    // A link that leads in circles, or too few watches on this machine: what can be watched still is.
    this.watcher.on('error', (error) => this.logger.warn({ err: error }, 'part of the DAGs folder is not watched'));
    this.watcher.on('all', (_event, file) => {
      if (isDagFile(file)) this.syncSoon();
    });
    await new Promise<void>((resolve) => this.watcher!.once('ready', resolve));
    this.rescan = setInterval(() => this.lookThrough(), this.rescanMs);
  }

  private syncSoon(): void {
    if (this.pendingSync) clearTimeout(this.pendingSync);
    this.pendingSync = setTimeout(() => {
      this.pendingSync = null;
      this.syncing = this.syncing.then(() => this.sync()).catch(this.onError);
    }, QUIET_MS);
  }

  private lookThrough(): void {
    if (this.pendingSync) return;
    try {
      const { files } = this.find();
      if (stampOf(files, files.join('\n')) !== this.seen) this.syncSoon();
    } catch (error) {
      this.onError(error);
    }
  }

  async close(): Promise<void> {
    this.abort.abort();
    if (this.rescan) clearInterval(this.rescan);
    if (this.pendingSync) clearTimeout(this.pendingSync);
    await this.watcher?.close();
    await this.syncing;
    await this.slow.end();
  }

  private readonly onError = (error: unknown): void => this.logger.error({ err: error }, 'DAGs could not be stored');

  /** Reads and stores changed files. Slow files are stored later, or read again by the next sync. */
  private async sync(): Promise<void> {
    await this.slow.end();
    const { files, faults } = this.find();
    this.seen = stampOf(files, files.join('\n'));
    this.cache.retain(files);
    const evaluators = new Evaluators();
    const loaded = new Map<string, LoadedFile | FileFault>();
    const loading = { folder: this.folder, files, evaluators, cache: this.cache };
    const { early, all } = inTurns(files, TURNS, async (file) => {
      const result = await loadFile(file, loading);
      if (!evaluators.isClosed) loaded.set(file, result);
    });
    const rest = async (stored: number): Promise<void> => {
      await all;
      if (loaded.size > stored) await this.store(files, faults, loaded);
    };
    const end = async (): Promise<void> => {
      await evaluators.close();
      await all;
      // The compiler is a separate process, which an idle scheduler should not keep running.
      await stopCompiler();
    };
    try {
      await early;
      const stored = await this.store(files, faults, loaded);
      const finished = rest(stored).catch(this.onError).then(end);
      this.slow = { finished, end: () => evaluators.close().then(() => finished) };
    } catch (error) {
      await end();
      throw error;
    }
  }

  /**
   * Stores the files that have been read so far and returns their number. The DAGs of files that have not been read yet stay
   * unchanged.
   */
  private async store(
    files: readonly string[],
    folders: readonly FileFault[],
    loaded: ReadonlyMap<string, LoadedFile | FileFault>,
  ): Promise<number> {
    const results = [...refuseDuplicates(files.flatMap((file) => loaded.get(file) ?? [])), ...folders];
    const stored = loaded.size;
    const pending = files.filter((file) => !loaded.has(file)).map((file) => path.relative(this.folder, file));
    const { changed, faults } = await untilAvailable(
      () => saveFolder(this.pool, results, pending),
      this.logger,
      this.abort.signal,
    );
    if (changed.length > 0) {
      this.logger.info({ dags: changed }, 'DAGs changed');
      this.onChange();
    }
    for (const { fileloc, message } of faults) {
      if (this.reported.get(fileloc) !== message) this.logger.warn({ file: fileloc }, message);
    }
    this.reported = new Map(faults.map(({ fileloc, message }) => [fileloc, message]));
    return stored;
  }

  private find(): FoundFiles {
    if (!existsSync(this.folder)) return { files: [], faults: [] };
    const { files, faults } = findDagFiles(this.folder);
    return { files: files.map((file) => path.join(this.folder, file)), faults };
  }
}

/** Two files must not declare the same DAG: the first one by name keeps it. */
function refuseDuplicates(loaded: (LoadedFile | FileFault)[]): (LoadedFile | FileFault)[] {
  const owners = new Map<string, string>();
  return loaded.map((file) => {
    if (!('dags' in file)) return file;
    const taken = file.dags.find((dag) => owners.has(dag.dag_id));
    if (taken) {
      const owner = owners.get(taken.dag_id)!;
      return {
        fileloc: file.fileloc,
        message: `${file.fileloc}: DAG "${taken.dag_id}": dag_id: is already declared in ${owner}`,
      };
    }
    for (const dag of file.dags) owners.set(dag.dag_id, file.fileloc);
    return file;
  });
}
