import type { ExporterFailure, FailureKind } from '../data/failure.ts';

interface Words {
  title: string;
  wayForward: string;
}

const WORDS: Record<FailureKind, Words> = {
  unreachable: {
    title: 'The exporter can’t be reached',
    wayForward:
      'Check that it runs, and that the data source’s URL is one that the Grafana server (not this browser) can open.',
  },
  slow: {
    title: 'The exporter takes too long to answer',
    wayForward: 'Ask for a shorter time range, or look at its log for slow queries of the observed database.',
  },
  unauthorized: {
    title: 'The exporter refuses the token',
    wayForward: 'Set the token of RUNBEAT_API_TOKEN in the data source’s settings.',
  },
  forbidden: {
    title: 'Grafana does not let you read this data source',
    wayForward: 'Ask an administrator for permission to query it.',
  },
  not_found: {
    title: 'Not found',
    wayForward: 'It may have been cleaned away at the source, or the link may be of another installation.',
  },
  refused: { title: 'The exporter does not accept this question', wayForward: 'Change what it names, and ask again.' },
  not_an_exporter: {
    title: 'What answers is not a Runbeat exporter of this version',
    wayForward: 'Check the URL of the data source, and that exporter and plugin are of the same version.',
  },
  unreadable: {
    title: 'The exporter’s answer can’t be shown',
    wayForward: 'Check that exporter and plugin are of the same version; if they are, this is a fault of the plugin.',
  },
  broken: {
    title: 'The exporter could not answer',
    wayForward: 'Its log says why. It may be that the observed database is down: the health page shows each source.',
  },
};

/** What went wrong and what to do, for a person. */
export function failureWords(failure: ExporterFailure): Words & { detail: string } {
  return { ...WORDS[failure.kind], detail: failure.message };
}

/** The same as one text, where there is no room for more. */
export function failureText(failure: ExporterFailure): string {
  const { title, detail, wayForward } = failureWords(failure);
  return [title, detail, wayForward]
    .filter(Boolean)
    .map((part) => (/[.!?]$/.test(part) ? part : `${part}.`))
    .join(' ');
}
