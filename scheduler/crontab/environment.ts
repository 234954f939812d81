/** A variable that a crontab sets for the lines below. */
export interface Variable {
  name: string;
  value: string;
}

/** What C calls white space. */
const SPACE = '[ \\t\\n\\v\\f\\r]';
const NAME = `(?:"([^"=]*)"|'([^'=]*)'|([^ \\t\\n\\v\\f\\r="'][^ \\t\\n\\v\\f\\r=]*)?)`;
const VALUE = `(?:"([^"]*)"|'([^']*)'|([^"'].*?)?)`;
const ASSIGNMENT = new RegExp(`^${NAME}${SPACE}*=${SPACE}*${VALUE}${SPACE}*$`, 's');

/**
 * A line as cron reads an assignment: quotes around name or value keep their blanks and are not part of it; nothing may
 * follow a closing quote. Null for a line that is none.
 */
export function readVariable(text: string): Variable | null {
  const match = ASSIGNMENT.exec(text);
  if (!match) return null;
  return { name: match[1] ?? match[2] ?? match[3] ?? '', value: match[4] ?? match[5] ?? match[6] ?? '' };
}
