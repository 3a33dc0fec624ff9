import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';
import { exchange, request } from './support/wire.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A line of the log as an attacker would write it, and what terminals and viewers of logs act on. */
const FORGED = '{"level":30,"msg":"request","route":"/forged","status":200,"corrId":"forged"}';
const texts = [
  `\n${FORGED}\n`,
  `\r\n${FORGED}`,
  `\u2028${FORGED}`,
  `\u001b[2J\u001b]0;forged\u0007`,
  `"}\n${FORGED}`,
  'forged\0',
  '\u202eforged',
];
const encoded = texts.map(encodeURIComponent);

/** The log holds a line of JSON for each request and nothing that the asker wrote. */
const fieldsOf = (line: string): string[] => Object.keys(JSON.parse(line)).sort();

it('nothing that an asker sends gets into the log, and no line is forged', async () => {
  const from = api.lines.length;
  const token = { authorization: `Bearer ${api.adminToken}` };
  const answers = [];
  for (const text of texts) {
    const body = { serviceName: text, phoneNumber: text, channel: text, userData: { [text]: text } };
    answers.push(
      await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, body),
      await ask(api.url, 'POST', '/api/callbacks', token, { [text]: text }),
      await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, `{"a":"${text}`),
      await ask(api.url, 'POST', '/contact-center/attempts/forged.1/outcome', { 'x-api-key': api.connectorKey }, { outcome: text }),
    );
  }
  for (const text of encoded)
    answers.push(
      await ask(api.url, 'GET', `/${text}`),
      await ask(api.url, 'GET', `/api/callbacks/${text}`, token),
      await ask(api.url, 'GET', `/api/callbacks?${text}=${text}`, token),
      await ask(api.url, 'GET', '/api/callbacks', { 'x-api-key': text, 'user-agent': text, 'x-correlation-id': text, referer: text }),
      await ask(api.url, 'PUT', `/api/queue-settings/${text}`, token, {}),
    );
  await exchange(api.url, request('FORGED /forged', ['x-forged: forged']));
  await exchange(api.url, `GET /forged${'x'.repeat(20_000)} HTTP/1.1\r\nhost: forged\r\n\r\n`);
  await exchange(api.url, request('GET /forged/%ff%zz'));
  for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(200);

  await expect.poll(() => api.lines.length - from).toBeGreaterThanOrEqual(answers.length);
  const lines = api.lines.slice(from);
  for (const line of lines) {
    expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1).toBe(true);
    expect(fieldsOf(line)).toEqual(['corrId', 'hostname', 'level', 'method', 'ms', 'msg', 'pid', 'route', 'status', 'time']);
  }
  expect(lines.join('')).not.toMatch(/forged/i);
  expect(lines.map((line) => line.trimEnd()).join('')).not.toMatch(/\p{Cc}|[\u2028\u202e]/u);
});
