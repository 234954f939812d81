import { dag, type DagBuilder, type TaskRef } from '../scheduler/authoring/index.ts';
import { readApplication, type Application, type OnboardingConf } from './application.ts';
import * as checks from './checks.ts';

type Builder = DagBuilder<OnboardingConf>;
type After = TaskRef | TaskRef[];
/** Adds a task that does `work` on the application and logs the result. */
type Step = (id: string, after: After | undefined, work: (application: Application) => unknown) => TaskRef;

function require(condition: boolean, problem: string): void {
  if (!condition) throw new Error(problem);
}

/** 42 tasks: four branches after the intake that join in a decision, then three that join in the welcome. */
export default dag<OnboardingConf>(
  'onboarding',
  {
    description: 'Takes a user from application to open account.',
    owner: 'demo',
    tags: ['demo', 'flow'],
    maxActiveRuns: 64,
    maxActiveTasks: 256,
    defaults: { retries: 2, retryDelaySeconds: 1, retryExponentialBackoff: true, timeoutSeconds: 30 },
  },
  (build) => {
    const intake = addIntake(steps(build, 'intake'));
    const branches = [
      addIdentity(steps(build, 'identity'), intake),
      addDocuments(steps(build, 'documents'), intake),
      addRisk(steps(build, 'risk'), intake),
      addCredit(steps(build, 'credit'), intake),
    ];
    const decided = addDecision(steps(build, 'decision'), branches);
    const opened = [
      addAccount(steps(build, 'account'), decided),
      addCard(steps(build, 'card'), decided),
      addCommunication(steps(build, 'communication'), decided),
    ];
    addCompletion(steps(build, 'completion'), opened);
  },
);

function steps(build: Builder, group: string): Step {
  return (id, after, work) =>
    build.task(id, { after, group }, ({ conf, log }) => {
      const answer = work(readApplication(conf));
      if (answer !== undefined) log(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
}

function addIntake(step: Step): TaskRef {
  const received = step('receive_application', undefined, ({ userId, applicationId }) => ({ userId, applicationId }));
  const normal = step('normalise_fields', received, ({ name, email }) => `${name.normalize('NFC').trim()} <${email}>`);
  return step('check_completeness', normal, ({ documents }) => {
    require(documents.length === 3, 'a document is missing');
    return documents.map((document) => document.kind);
  });
}

function addIdentity(step: Step, after: TaskRef): TaskRef {
  const passport = step('parse_passport', after, checks.passportNames);
  const name = step('match_name', passport, (application) => {
    const likeness = checks.similarity(
      application.name,
      checks.passportNames(application).slice(0, 2).reverse().join(' '),
    );
    return { likeness };
  });
  const age = step('check_age', passport, ({ birthYear }) =>
    require(2026 - birthYear >= 18, 'the applicant is a minor'),
  );
  const email = step('check_email', after, ({ email: address }) =>
    require(/^[^@\s]+@[^@\s]+\.\w+$/.test(address), 'no e-mail address'),
  );
  const country = step('resolve_country', after, ({ country: code }) =>
    new Intl.DisplayNames(['en'], { type: 'region' }).of(code),
  );
  return step('identity_verified', [name, age, email, country], ({ name: who }) => `${who} is who they say`);
}

function addDocuments(step: Step, after: TaskRef): TaskRef {
  const prints = ['passport', 'payslip', 'statement'].map((kind) =>
    step(`fingerprint_${kind}`, after, (application) => checks.fingerprint(application, kind)),
  );
  const tree = step('build_hash_tree', prints, checks.merkleRoot);
  const payslip = step(
    'parse_payslip',
    prints[1]!,
    (application) => checks.documentText(application, 'payslip').split('\n')[1],
  );
  const statement = step(
    'parse_statement',
    prints[2]!,
    (application) => `${checks.parseStatement(application).length} lines`,
  );
  return step(
    'documents_accepted',
    [tree, payslip, statement],
    ({ documents }) => `${documents.length} documents accepted`,
  );
}

function addRisk(step: Step, after: TaskRef): TaskRef {
  const sanctions = step('screen_sanctions', after, (application) => {
    const likeness = checks.sanctionsLikeness(application);
    require(likeness < 0.9, 'the name is on a list');
    return { likeness };
  });
  const exposed = step('screen_exposed_persons', after, ({ name }) => ({
    likeness: checks.similarity(name, 'Head of State'),
  }));
  const device = step('score_device', after, (application) => checks.fingerprint(application, 'passport').slice(0, 8));
  const velocity = step('check_velocity', after, ({ userId }) => ({ applicationsToday: 1, userId }));
  const score = step('score_fraud', [device, velocity], (application) => {
    return { score: Number.parseInt(checks.fingerprint(application, 'statement').slice(0, 4), 16) / 65_536 };
  });
  return step('risk_assessed', [sanctions, exposed, score], () => 'no objection');
}

function addCredit(step: Step, after: TaskRef): TaskRef {
  const iban = step('check_iban', after, (application) =>
    require(checks.ibanIsValid(application), 'the IBAN has a wrong check digit'),
  );
  const income = step('verify_income', after, ({ income: monthly }) => require(monthly > 0, 'there is no income'));
  const spending = step('analyse_spending', iban, (application) => checks.spending(checks.parseStatement(application)));
  const bureau = step('ask_bureau', after, (application) => ({ score: checks.creditScore(application) }));
  const limit = step('set_limit', [income, spending, bureau], (application) => {
    return { limit: Math.round((application.income * checks.creditScore(application)) / 500) };
  });
  return step('credit_scored', limit, (application) => ({ score: checks.creditScore(application) }));
}

function addDecision(step: Step, after: TaskRef[]): TaskRef {
  const summary = step('gather_results', after, ({ userId }) => ({ userId, branches: after.length }));
  return step('decide', summary, (application) => (checks.creditScore(application) >= 0 ? 'accepted' : 'refused'));
}

function addAccount(step: Step, after: TaskRef): TaskRef {
  const customer = step('create_customer', after, ({ userId, name }) => ({ customer: `C-${userId}`, name }));
  const ledger = step('open_ledger', customer, ({ iban }) => ({ iban, balance: 0 }));
  const vault = step('derive_vault_key', customer, (application) => `${checks.vaultKey(application).slice(0, 8)}…`);
  return step('account_opened', [ledger, vault], ({ userId }) => `account of C-${userId} is open`);
}

function addCard(step: Step, after: TaskRef): TaskRef {
  const plan = step('plan_instalments', after, ({ income }) => ({ monthly: checks.instalment(income, 0.049, 36) }));
  const order = step('order_card', plan, ({ name }) => name.toUpperCase().slice(0, 26));
  return step('card_ordered', order, ({ userId }) => `card of C-${userId} is ordered`);
}

function addCommunication(step: Step, after: TaskRef): TaskRef {
  const render = step('render_welcome', after, ({ name, iban }) =>
    checks.fillTemplate('Welcome, {{name}}! Your account is {{iban}}.', { name, iban }),
  );
  const contract = step('render_contract', after, (application) =>
    checks.fillTemplate('Contract {{id}}, documents {{root}}', {
      id: application.applicationId,
      root: checks.merkleRoot(application),
    }),
  );
  return step('letters_ready', [render, contract], ({ email }) => `two letters for ${email}`);
}

function addCompletion(step: Step, after: TaskRef[]): void {
  const welcome = step('send_welcome', after, ({ email }) => `sent to ${email}`);
  step('onboarded', welcome, ({ userId, applicationId }) => ({ userId, applicationId, state: 'onboarded' }));
}
