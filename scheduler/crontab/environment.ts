/** A variable that a crontab sets for the lines below. */
export interface Variable {
  name: string;
  value: string;
}

/** The characters for which C's isspace() is true. */
const SPACE = '[ \\t\\n\\v\\f\\r]';
const NAME = `(?:"([^"=]*)"|'([^'=]*)'|([^ \\t\\n\\v\\f\\r="'][^ \\t\\n\\v\\f\\r=]*)?)`;
const VALUE = `(?:"([^"]*)"|'([^']*)'|([^"'].*?)?)`;
const ASSIGNMENT = new RegExp(`^${NAME}${SPACE}*=${SPACE}*${VALUE}${SPACE}*$`, 's');

/**
 * Reads an assignment as cron does: quotes around the name or the value preserve spaces and are removed; nothing may follow a closing
 * quote. Null if the line is not an assignment.
 */
export function readVariable(text: string): Variable | null {
  const match = ASSIGNMENT.exec(text);
  if (!match) return null;
  return { name: match[1] ?? match[2] ?? match[3] ?? '', value: match[4] ?? match[5] ?? match[6] ?? '' };
}
