import type { Release } from './releases.ts';

interface EnvironmentOptions {
  release: Release;
  home: string;
  venv: string;
  dagsFolder: string;
  databaseUrl: string;
  /** Port of the API server (3.x) or web server (2.x). */
  port: number;
  /** Tasks that the LocalExecutor runs at once. */
  parallelism: number;
}

// Test-only secrets of a server that listens on 127.0.0.1 for two minutes; Airflow insists on having some.
const FERNET_KEY = Buffer.alloc(32, 'runbeat-lab').toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const SECRET = 'runbeat-lab-only-'.repeat(4);

/** Everything that makes these processes one Airflow of the given release, as environment variables. */
export function airflowEnvironment(options: EnvironmentOptions): NodeJS.ProcessEnv {
  return {
    PATH: `${options.venv}/bin:${process.env.PATH ?? ''}`,
    HOME: options.home,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONPATH: options.home,
    PYTHONWARNINGS: 'ignore',
    AIRFLOW_HOME: options.home,
    SCARF_ANALYTICS: 'false',
    ...Object.fromEntries(
      Object.entries({
        ...commonSettings(options),
        ...(options.release.major === 2 ? settings2() : settings3(options)),
      }).map(([name, value]) => [`AIRFLOW__${name}`, value]),
    ),
  };
}

function commonSettings(options: EnvironmentOptions): Record<string, string> {
  const parallelism = String(options.parallelism);
  return {
    CORE__DAGS_FOLDER: options.dagsFolder,
    CORE__LOAD_EXAMPLES: 'False',
    CORE__EXECUTOR: 'LocalExecutor',
    CORE__PARALLELISM: parallelism,
    CORE__MAX_ACTIVE_TASKS_PER_DAG: '64',
    CORE__MAX_ACTIVE_RUNS_PER_DAG: '64',
    CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
    CORE__FERNET_KEY: FERNET_KEY,
    CORE__HOSTNAME_CALLABLE: 'lab_host.name',
    CORE__COMPRESS_SERIALIZED_DAGS: options.release.compressesDags ? 'True' : 'False',
    CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL: '2',
    CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: '2',
    DATABASE__SQL_ALCHEMY_CONN: options.databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:'),
    LOGGING__BASE_LOG_FOLDER: `${options.home}/logs`,
    LOGGING__LOGGING_LEVEL: 'WARNING',
    USAGE_DATA_COLLECTION__ENABLED: 'False',
  };
}

function settings2(): Record<string, string> {
  return {
    API__AUTH_BACKENDS: 'airflow.api.auth.backend.default',
    SCHEDULER__DAG_DIR_LIST_INTERVAL: '5',
    WEBSERVER__SECRET_KEY: SECRET,
    WEBSERVER__WORKERS: '1',
  };
}

function settings3(options: EnvironmentOptions): Record<string, string> {
  const base = `http://127.0.0.1:${options.port}`;
  return {
    API__BASE_URL: base,
    API__SECRET_KEY: SECRET,
    API_AUTH__JWT_SECRET: SECRET,
    CORE__AUTH_MANAGER: 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager',
    CORE__EXECUTION_API_SERVER_URL: `${base}/execution/`,
    CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
    DAG_PROCESSOR__REFRESH_INTERVAL: '5',
  };
}

/**
 * Files below AIRFLOW_HOME. The first lets 2.x's REST API and UI be used without logging in; the second names a process's
 * host after the process, as if each had a machine of its own.
 */
export const HOME_FILES = {
  'webserver_config.py': "AUTH_ROLE_PUBLIC = 'Admin'\nWTF_CSRF_ENABLED = False\n",
  'lab_host.py': "import os\n\n\ndef name():\n    return os.environ['RUNBEAT_LAB_HOST']\n",
};

/** The long-running processes of a release, as arguments of the `airflow` command. */
export function processesOf(release: Release, port: number): Record<string, string[]> {
  const shared = { scheduler: ['scheduler', '--skip-serve-logs'], triggerer: ['triggerer', '--skip-serve-logs'] };
  const listen = ['--port', String(port), '--workers', '1'];
  if (release.major === 2) return { ...shared, webserver: ['webserver', '--hostname', '127.0.0.1', ...listen] };
  return {
    ...shared,
    'dag-processor': ['dag-processor'],
    'api-server': ['api-server', '--host', '127.0.0.1', ...listen],
  };
}
