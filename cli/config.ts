/** What the commands and the demo read from the environment; the services' own settings are read in their config.ts. */

/** Settings of the demo. Null and undefined: the demo has a default of its own. */
export interface DemoSettings {
  /** A folder of the user's own DAGs. */
  dagsFolder: string | null;
  databaseUrl: string | null;
  /** A runbeat.yaml of the user's own. */
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

/** Where a command finds the exporter, and the token that it sends. */
export function exporterAccess(env: NodeJS.ProcessEnv = process.env): { url: string; token: string | undefined } {
  return { url: `http://${env.RUNBEAT_LISTEN || '127.0.0.1:9550'}`, token: env.RUNBEAT_API_TOKEN || undefined };
}

/** Token with which `runbeat doctor` asks Grafana. */
export function grafanaToken(env: NodeJS.ProcessEnv = process.env): string | null {
  return env.GRAFANA_TOKEN || null;
}

/** Whether npm started this process as one of its scripts. */
export function startedByNpm(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env.npm_lifecycle_event);
}

/** The Python that Airflow is installed with. */
export function pythonCommand(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNBEAT_LAB_PYTHON || 'python3';
}

/** This process's environment with some variables replaced: for a service's configuration, or for a child process. */
export function environmentWith(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}
