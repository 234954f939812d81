/** Settings of the commands and the demo from the environment. The settings of the services are read in their config.ts. */

/** Settings of the demo. Null and undefined mean that the demo uses its default. */
export interface DemoSettings {
  /** The user's own folder of DAGs. */
  dagsFolder: string | null;
  databaseUrl: string | null;
  /** The user's own runbeat.yaml. */
  configFile: string | null;
  keys: string | null;
  apiToken: string | undefined;
}

export function demoSettings(env: NodeJS.ProcessEnv = process.env): DemoSettings {
  return {
    dagsFolder: env.RUNBEAT_DAGS || null,
    databaseUrl: env.RUNBEAT_DATABASE_URL || null,
    configFile: env.RUNBEAT_CONFIG || null,
    keys: env.RUNBEAT_KEYS || null,
    apiToken: env.RUNBEAT_API_TOKEN || undefined,
  };
}

/** URL of the exporter, and the token to send. */
export function exporterAccess(env: NodeJS.ProcessEnv = process.env): { url: string; token: string | undefined } {
  return { url: `http://${env.RUNBEAT_LISTEN || '127.0.0.1:9550'}`, token: env.RUNBEAT_API_TOKEN || undefined };
}

/** Token of `runbeat doctor` for Grafana. */
export function grafanaToken(env: NodeJS.ProcessEnv = process.env): string | null {
  return env.GRAFANA_TOKEN || null;
}

/** Whether npm started this process as one of its scripts. */
export function startedByNpm(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env.npm_lifecycle_event);
}

/** The Python interpreter for installing Airflow. */
export function pythonCommand(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNBEAT_LAB_PYTHON || 'python3';
}

/** The environment of this process with some variables replaced, for the configuration of a service or for a child process. */
export function environmentWith(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}
