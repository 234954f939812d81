import type { ExporterFailure, FailureKind } from '../data/failure.ts';

interface Words {
  title: string;
  wayForward: string;
}

const WORDS: Record<FailureKind, Words> = {
  unreachable: {
    title: 'The exporter can’t be reached',
    wayForward:
      'Check that the exporter runs, and that the Grafana server (not this browser) can open the data source’s URL.',
  },
  slow: {
    title: 'The exporter takes too long to answer',
    wayForward: 'Choose a shorter time range, or check the exporter’s log for slow queries of the observed database.',
  },
  unauthorized: {
    title: 'The exporter refuses the token',
    wayForward: 'Set the exporter’s RUNBEAT_API_TOKEN as the token in the data source’s settings.',
  },
  forbidden: {
    title: 'Grafana does not let you read this data source',
    wayForward: 'Ask an administrator for permission to query it.',
  },
  not_found: {
    title: 'Not found',
    wayForward: 'The source may have deleted it, or the link may belong to another installation.',
  },
  refused: { title: 'The exporter rejected this request', wayForward: 'Correct the values named above and try again.' },
  not_an_exporter: {
    title: 'The answer is not from a Runbeat exporter of this version',
    wayForward: 'Check the data source’s URL, and that the exporter and the plugin have the same version.',
  },
  unreadable: {
    title: 'The exporter’s answer can’t be shown',
    wayForward:
      'Check that the exporter and the plugin have the same version. If they do, this is a bug in the plugin.',
  },
  broken: {
    title: 'The exporter could not answer',
    wayForward:
      'The exporter’s log shows the cause. The observed database may be down: the health page shows each source.',
  },
};

const NO_SUCH_SOURCE: Words = {
  title: 'There is no such source',
  wayForward:
    'It may have been renamed or removed in the exporter’s settings, or the link may belong to another installation.',
};

/** What went wrong and what to do, as texts for people. */
export function failureWords(failure: ExporterFailure): Words & { detail: string } {
  const words = failure.problem?.type === 'urn:runbeat:problem:unknown-source' ? NO_SUCH_SOURCE : WORDS[failure.kind];
  return { ...words, detail: failure.message };
}

/** The same as one text, for places with little room. */
export function failureText(failure: ExporterFailure): string {
  const { title, detail, wayForward } = failureWords(failure);
  return [title, detail, wayForward]
    .filter(Boolean)
    .map((part) => (/[.!?]$/.test(part) ? part : `${part}.`))
    .join(' ');
}
