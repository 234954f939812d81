import { dag, FailTask } from '../../../scheduler/authoring/index.ts';

/** Fails in every way that a page has to distinguish: a retry that succeeds, a final failure, and tasks that never ran. */
export default dag('stumbling', { description: 'For the browser tests' }, (build) => {
  const fetched = build.task('fetch', {}, ({ log }) => log('fetched 3 documents'));
  const flaky = build.task('flaky', { after: fetched, retries: 1, retryDelaySeconds: 1 }, ({ tryNumber, log }) => {
    log(`try ${tryNumber}`);
    if (tryNumber === 1) throw new Error('the bureau did not answer');
  });
  const broken = build.task('broken', { after: fetched }, () => {
    throw new FailTask('the IBAN is of no bank');
  });
  const decided = build.task('decide', { after: [flaky, broken] }, () => undefined);
  build.task('tell', { after: decided }, () => undefined);
});

export const single = dag('single', { description: 'One task' }, (build) => {
  build.task('only', {}, () => undefined);
});
