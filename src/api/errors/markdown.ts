import { type ErrorRow, errors, ranges } from './table.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = ([name, { code, http, contractHttp, message }]: [string, ErrorRow]): string =>
  `| ${code} | ${name} | ${http}${contractHttp === undefined ? '' : ` (${contractHttp})`} | ${cell(message)} |`;

const section = ({ from, to, title, about }: (typeof ranges)[number]): string => {
  const rows = Object.entries<ErrorRow>(errors).filter(([, { code }]) => code >= from && code <= to);
  const sorted = rows.sort(([, a], [, b]) => a.code - b.code);
  return [
    `## ${title} (${from}–${to})`,
    '',
    about,
    '',
    '| code | name | HTTP | message |',
    '|---|---|---|---|',
    ...sorted.map(row),
    '',
  ].join('\n');
};

/** The published table of errors, docs/errors.md. */
export const errorsMarkdown = (): string =>
  [
    '# Errors',
    '',
    'Made from the code by `npm run docs:errors`; a test holds it to the code.',
    '',
    'Every failure, at whatever address, has the same body:',
    '',
    '```json',
    '{ "status": { "code": 1001, "message": "…", "corrId": "…", "errors": [{ "path": "pushTargets[0].target", "message": "is required" }] } }',
    '```',
    '',
    '`code` is stable: it keeps its meaning and is never given to another error. `message` may be reworded. `errors` is there when fields are',
    'to blame; a header or query parameter stands there under its own name. `corrId` is also the header `x-correlation-id`, and names the',
    'request in the logs and in the errors list. A 503, and 7041, say in `retry-after` after how many seconds to try again. An HTTP status in',
    'parentheses is that of the contract under `/engagement/v3`, where it differs. A full slot (4004) carries the nearest free slots:',
    '`data.slots` by instant, and `proposed` in order, nearest first. A part of a message in brackets is there only where its',
    'number isn’t 0.',
    '',
    ...ranges.map(section),
  ].join('\n');
