import { existsSync, readFileSync } from 'node:fs';
import type { Command, CommanderError } from 'commander';
import { parse } from 'yaml';
import { BREAKAGES } from '../../cli/demo/breakages.ts';
import { createProgram } from '../../cli/program.ts';
import { ALERT_NAMES } from './alertNames.ts';
import { wordsOf } from './snippets.ts';

/** Tests a command and returns a description for docs/snippets.md; throws if the command is wrong. */
export type CommandTest = (words: string[], env: Record<string, string>) => Promise<string> | string;

const read = (file: string): string => readFileSync(file, 'utf8');
const settings = new Set(read('.env.example').match(/RUNBEAT_[A-Z_]+/g));

/** How each program's commands are tested. */
const TESTS: Readonly<Record<string, CommandTest>> = {
  npm: ([, first = '', second = '', ...rest]) => {
    if (first === 'install') return 'the package is installed from its tarball (test/package)';
    if (first === 'ci') {
      demand(read('.ci/run').includes('npm ci'), 'CI runs npm ci');
      return 'CI runs it';
    }
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const script = first === 'run' ? second : first;
    demand(script in scripts, `package.json has the script ${script}`);
    const args = rest.filter((word) => word !== '--');
    if (script === 'demo') return runbeat(['demo', ...args]);
    if (script === 'bench' && args[0] !== 'NAME') {
      demand(existsSync(`bench/${args[0]}.ts`), `there is a benchmark ${args[0]}`);
      return 'the script and the benchmark exist';
    }
    if (script === 'generate' && args.length > 0) return 'run, into a temporary folder';
    return 'the script exists';
  },
  npx: ([, program, ...args]) => {
    if (program === 'runbeat') return runbeat(args);
    demand(program === 'vitest' || program === 'tsx', `npx runs ${program}`);
    const file = args.find((word) => word.includes('/'))!;
    const exists = [file, `${file}.test.ts`].some((name) => existsSync(name));
    demand(exists, `there is ${file}`);
    return 'the file that it runs exists';
  },
  docker: ([, first, ...args]) => {
    if (first !== 'compose') {
      demand(existsSync('Dockerfile'), 'there is a Dockerfile');
      return 'not run: it needs a Docker engine; test/observability/image.test.ts checks the Dockerfile';
    }
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: object };
    const [command, ...rest] = args.filter((word, at) => word !== '--profile' && args[at - 1] !== '--profile');
    demand(
      ['up', 'down', 'ps', 'logs', 'config', 'exec', 'run'].includes(command!),
      `docker compose has the command ${command}`,
    );
    const named = rest.filter((it) => !/^(-|\d)/.test(it));
    const used = ['exec', 'run'].includes(command!) ? named.slice(0, 1) : named;
    for (const word of used) demand(word in services, `there is a service ${word}`);
    return 'the services exist; docker-compose.yml is validated by its schema';
  },
  psql: (words) => {
    const files = words.filter((_, at) => words[at - 1] === '-f');
    if (files.length === 0) return 'not run: it asks a database of yours';
    demand(
      files.every((file) => existsSync(file)),
      `${files} exist`,
    );
    return 'its files run on a PostgreSQL with an Airflow (test/exporter/airflow.test.ts)';
  },
  amtool: (words) => {
    const alert = words.find((word) => word.startsWith('alertname='))?.slice('alertname='.length);
    if (alert) demand(ALERT_NAMES.has(alert), `there is an alert ${alert}`);
    return 'run against a real Alertmanager (test/docs/amtool.live.test.ts)';
  },
  promtool: () => 'CI runs promtool on the rules (test/prometheus/tools.test.ts)',
  helm: (words) => {
    demand(
      existsSync('provisioning/helm/runbeat/Chart.yaml') && words.includes('provisioning/helm/runbeat'),
      'a chart',
    );
    return 'rendered with its values where Helm is installed (test/observability/helm.test.ts)';
  },
  kubectl: (words) => {
    const at = words.indexOf('build/cli/main.js');
    if (at > 0) return `${runbeat(words.slice(at + 1))}; not run: it needs a cluster`;
    return 'not run: it needs a cluster';
  },
  systemctl: (words) => {
    const unit = words.find((word) => word.startsWith('runbeat-'));
    if (unit) demand(existsSync(`provisioning/systemd/${unit}.service`), `there is a unit ${unit}`);
    return 'not run: it changes the machine; the units are verified (test/observability/deployments.test.ts)';
  },
  install: () => 'not run: it changes the machine',
  useradd: () => 'not run: it changes the machine',
  cp: ([, from]) => {
    demand(existsSync(from!), `${from} exists`);
    return 'the file exists';
  },
  cat: () => 'its text is checked as thresholds (`npm run generate` reads it)',
  export: ([, assignment]) => {
    const name = assignment!.split('=')[0]!;
    demand(settings.has(name), `.env.example has ${name}`);
    return 'the setting exists';
  },
  curl: () => 'not run: it asks a service of yours',
  crontab: () => 'not run: it prints your own crontab',
  openssl: () => 'not run: it makes a random token',
};

/** Settings of long tests, which are not settings of a service. */
const OF_TESTS = /^RUNBEAT_(SIMULATION|PROMISE|LAB|ORACLE|POOLER)_/;

/** Tests one command of a document. */
export async function testCommand(command: string): Promise<string> {
  const { env, words } = wordsOf(command);
  for (const name of Object.keys(env)) {
    demand(settings.has(name) || OF_TESTS.test(name), `.env.example has ${name}`);
  }
  const test = TESTS[words[0]!];
  if (!test) throw new Error(`No test for "${command}": add its program to test/docs/commandTests.ts.`);
  return test(words, env);
}

/** Parses the arguments of `runbeat` with the real options of the command, without running it. */
function runbeat(args: string[]): string {
  const program = createProgram();
  disarm(program);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    // A text may name only a command, or its --help.
    const isName = args.length <= 2 && (error as CommanderError).code === 'commander.missingArgument';
    if (!isName && (error as CommanderError).exitCode !== 0) throw error;
  }
  if (args[0] === 'demo' && args[1] === 'break' && args[2] && args[2] !== '--help') {
    demand(Object.hasOwn(BREAKAGES, args[2]), `the demo can break ${args[2]}`);
  }
  return 'its options are parsed by the command itself';
}

function disarm(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.action(() => undefined);
  for (const each of command.commands) disarm(each as Command);
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected that ${what}.`);
}
