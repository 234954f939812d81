import { fileURLToPath } from 'node:url';
import { Child } from '../../platform/processes/child.ts';
import { until } from './until.ts';

const RUNBEAT = fileURLToPath(new URL('../../bin/runbeat.mjs', import.meta.url));

/** Intervals of the schedulers' heartbeats and the exporter's polls, in seconds. */
export interface Pace {
  heartbeatInterval: number;
  heartbeatThreshold: number;
  pollInterval: number;
}

export const PRODUCTION_PACE: Pace = { heartbeatInterval: 5, heartbeatThreshold: 30, pollInterval: 2 };

/** Schedulers and exporters as separate processes, started with the same command as by users. */
export class Services {
  private readonly children: Child[] = [];

  constructor(
    private readonly databaseUrl: string,
    private readonly pace: Pace,
  ) {}

  scheduler(): Child {
    return this.start('scheduler', ['scheduler'], {});
  }

  worker(): Child {
    return this.start('worker', ['worker'], {});
  }

  /** Resolves with the exporter's address when it answers. */
  async exporter(port: number, env: NodeJS.ProcessEnv = {}): Promise<{ child: Child; address: string }> {
    const address = `127.0.0.1:${port}`;
    const child = this.start('exporter', ['exporter'], { ...env, RUNBEAT_LISTEN: address });
    await until(`the exporter answers at ${address}`, 30, async () => {
      child.mustRun();
      return (await fetch(`http://${address}/healthz`)).ok || null;
    });
    return { child, address };
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
  }

  private start(name: string, args: string[], env: NodeJS.ProcessEnv): Child {
    const child = new Child(name, process.execPath, [RUNBEAT, ...args], {
      ...process.env,
      RUNBEAT_DATABASE_URL: this.databaseUrl,
      RUNBEAT_SOURCE_URL: '',
      RUNBEAT_SOURCE_NAME: 'main',
      RUNBEAT_INDEX_URL: '',
      RUNBEAT_API_TOKEN: '',
      RUNBEAT_HEARTBEAT_INTERVAL: String(this.pace.heartbeatInterval),
      RUNBEAT_HEARTBEAT_THRESHOLD: String(this.pace.heartbeatThreshold),
      RUNBEAT_POLL_INTERVAL: String(this.pace.pollInterval),
      RUNBEAT_SCHEDULER_FORGET: String(20 * this.pace.heartbeatThreshold),
      RUNBEAT_LOG_LEVEL: 'warn',
      ...env,
    });
    this.children.push(child);
    return child;
  }
}
