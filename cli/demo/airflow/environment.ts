import { randomBytes } from 'node:crypto';
import { environmentWith } from '../../config.ts';
import type { Release } from './release.ts';

interface EnvironmentOptions {
  release: Release;
  home: string;
  venv: string;
  dagsFolder: string;
  databaseUrl: string;
  /** Port of the API server (3.x) or web server (2.x). */
  port: number;
  /** Maximum number of tasks that the LocalExecutor runs at once. */
  parallelism: number;
  /** Further settings, without the prefix `AIRFLOW__`. */
  settings?: Record<string, string>;
  /** Variables that are not Airflow settings. */
  environment?: Record<string, string>;
}

const FERNET_KEY = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const SECRET = randomBytes(48).toString('base64url');

/** Environment variables that all processes of one Airflow of the given release share. */
export function airflowEnvironment(options: EnvironmentOptions): NodeJS.ProcessEnv {
  return {
    PATH: `${options.venv}/bin:${environmentWith().PATH ?? ''}`,
    HOME: options.home,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONPATH: options.home,
    PYTHONWARNINGS: 'ignore',
    AIRFLOW_HOME: options.home,
    SCARF_ANALYTICS: 'false',
    ...options.environment,
    ...Object.fromEntries(
      Object.entries({
        ...commonSettings(options),
        ...(options.release.major === 2 ? settings2() : settings3(options)),
        ...options.settings,
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

/** Settings by which the scheduler logs how long each of its passes took. */
export function passesLogged({ major }: Release): Record<string, string> {
  return major === 2
    ? { LOGGING__LOGGING_CONFIG_CLASS: 'lab_logging.LOGGING_CONFIG' }
    : { LOGGING__NAMESPACE_LEVELS: 'airflow.jobs.scheduler_job_runner=DEBUG' };
}

function settings2(): Record<string, string> {
  return {
    API__AUTH_BACKENDS: 'airflow.api.auth.backend.default',
    SCHEDULER__DAG_DIR_LIST_INTERVAL: '5',
    WEBSERVER__SECRET_KEY: SECRET,
    WEBSERVER__WORKERS: '1',
    // On a busy machine, the web server starts slowly, and would end itself after two minutes.
    WEBSERVER__WEB_SERVER_MASTER_TIMEOUT: '900',
    WEBSERVER__WEB_SERVER_WORKER_TIMEOUT: '900',
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
    // On a busy machine, the API server is slow, and a task whose request times out fails.
    WORKERS__EXECUTION_API_TIMEOUT: '60',
  };
}

/**
 * Files in AIRFLOW_HOME. The first one allows using the REST API and UI of 2.x without a login. The second one names the host of each
 * process after the process, as if each had its own machine. The third one is only for some tests.
 */
export const HOME_FILES = {
  'webserver_config.py': "AUTH_ROLE_PUBLIC = 'Admin'\nWTF_CSRF_ENABLED = False\n",
  'lab_host.py': "import os\n\n\ndef name():\n    return os.environ['RUNBEAT_LAB_HOST']\n",
  // Does for 2.x what 3.x can do with a setting: the scheduler logs its passes, and everything else logs only warnings.
  'lab_logging.py': [
    'from copy import deepcopy',
    'from airflow.config_templates.airflow_local_settings import DEFAULT_LOGGING_CONFIG',
    'LOGGING_CONFIG = deepcopy(DEFAULT_LOGGING_CONFIG)',
    'SCHEDULER = {"handlers": ["console"], "level": "DEBUG", "propagate": False}',
    'LOGGING_CONFIG["loggers"]["airflow.jobs.scheduler_job_runner.SchedulerJobRunner"] = SCHEDULER',
    '',
  ].join('\n'),
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
