import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bodyOf, statusOf } from '../../src/api/errors/body.ts';
import { Failure, sentence } from '../../src/api/errors/failure.ts';
import { dottedPath, fieldErrors, wording } from '../../src/api/errors/field-errors.ts';
import { failureFrom } from '../../src/api/errors/from-error.ts';
import { errorsMarkdown } from '../../src/api/errors/markdown.ts';
import { bookingFailure, callbackFailure, configurationFailure } from '../../src/api/errors/refusals.ts';
import { type ErrorName, type ErrorRow, errors, ranges } from '../../src/api/errors/table.ts';
import { ContendedError } from '../../src/commands/handle.ts';

const rows = Object.entries<ErrorRow>(errors);
const nothing = () => [];

describe('the table of errors', () => {
  it('gives every error a code of its own, inside a range', () => {
    const codes = rows.map(([, { code }]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(ranges.filter(({ from, to }) => code >= from && code <= to)).toHaveLength(1);
  });

  it('keeps the codes that widgets know', () => {
    const known = { INVALID_NUMBER: 7030, IMPOSSIBLE_NUMBER: 7036, NUMBER_NOT_ALLOWED: 7037, UNKNOWN_SERVICE: 7040 };
    expect(Object.fromEntries(Object.keys(known).map((name) => [name, errors[name as ErrorName].code]))).toEqual(known);
    expect(errors.TOO_MANY_REQUESTS).toMatchObject({ code: 7041, http: 429 });
    expect(errors.OFFICE_CLOSED).toMatchObject({ code: 7042, http: 400 });
  });

  it('tells a full slot from too many requests, which share the status', () => {
    expect([errors.SLOT_FULL.code, errors.SLOT_FULL.http]).toEqual([4004, errors.TOO_MANY_REQUESTS.http]);
  });

  it('answers the contract with its own statuses only', () => {
    const allowed = [400, 401, 403, 404, 409, 429, 500, 503];
    const ours: readonly ErrorName[] = [
      ...(['PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'] as const), // of resources with etags
      ...(['HEADERS_TOO_LARGE', 'REQUEST_TOO_SLOW'] as const), // before there is an address
    ];
    const others = rows.filter(([name]) => !ours.some((one) => one === name));
    for (const [name] of others) expect(allowed).toContain(statusOf(new Failure(name as ErrorName), '/engagement/v3/callbacks/create?x'));
    expect(statusOf(new Failure('BODY_TOO_LARGE'), '/api/callbacks')).toBe(413);
    expect(statusOf(new Failure('BODY_TOO_LARGE'), '/engagement/v31')).toBe(413);
  });

  it('tells every 503 when to try again', () => {
    for (const [, row] of rows) expect(row.retry !== undefined).toBe(row.http === 503);
  });

  it('is what docs/errors.md says; npm run docs:errors writes it', () => {
    expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsMarkdown());
  });
});

describe('a failure', () => {
  it('fills its sentence with what the case is about', () => {
    expect(sentence(new Failure('CANCEL_FORBIDDEN', { values: { state: 'PROCESSING' } }))).toBe(
      'This callback is PROCESSING, and can’t be cancelled any more.',
    );
  });

  it('leaves out what would count nothing', () => {
    const inUse = (values: object) => sentence(new Failure('RULE_ASSIGNED', { values: { ...values } }));
    expect(inUse({ listed: 2, others: 0 })).toBe(
      'The rule is assigned to queues, 2 of them listed under errors. Unassign it there, then delete it.',
    );
    expect(inUse({ listed: 0, others: 3 })).toBe(
      'The rule is assigned to queues, 3 that you can’t see. Unassign it there, then delete it.',
    );
    expect(inUse({})).toBe('The rule is assigned to queues. Unassign it there, then delete it.');
    expect(sentence(new Failure('INVALID_IMPORT', { values: { more: 0 } }))).toMatch(/listed under errors\.$/);
    expect(sentence(new Failure('INVALID_IMPORT', { values: { more: 7 } }))).toMatch(/listed under errors, and 7 more\.$/);
  });

  it('of a service that isn’t there names no field, for each address calls it otherwise', () =>
    expect(errors.UNKNOWN_SERVICE.message).not.toMatch(/serviceName/));

  it('has the one body', () => {
    const failure = new Failure('UNKNOWN_SERVICE', { errors: [{ path: 'serviceName', message: 'x' }] });
    const { code, message } = errors.UNKNOWN_SERVICE;
    expect(bodyOf(failure, 'c')).toEqual({ status: { code, message, corrId: 'c', errors: [{ path: 'serviceName', message: 'x' }] } });
  });

  it('carries the proposed slots of a full one, by instant and in order', () => {
    const slots = [
      { utcTime: '2026-03-02T10:15:00.000Z', capacity: 2 },
      { utcTime: '2026-03-02T09:45:00.000Z', capacity: 1 },
    ];
    const failure = bookingFailure({ code: 'SLOT_FULL', queue: 'q', desiredTime: 0, position: 0n }, () => slots);
    expect(bodyOf(failure, 'c')).toMatchObject({
      data: { slots: { '2026-03-02T10:15:00.000Z': 2, '2026-03-02T09:45:00.000Z': 1 } },
      proposed: slots,
    });
  });
});

describe('a refusal', () => {
  it('of a number or a service names the field', () => {
    const about = (code: 'INVALID_NUMBER' | 'IMPOSSIBLE_NUMBER' | 'NUMBER_NOT_ALLOWED' | 'UNKNOWN_QUEUE' | 'DESIRED_TIME_PAST') => {
      const { row, details } = bookingFailure({ code }, nothing);
      return [row.code, details.errors?.map(({ path }) => path)];
    };
    expect(about('INVALID_NUMBER')).toEqual([7030, ['phoneNumber']]);
    expect(about('IMPOSSIBLE_NUMBER')).toEqual([7036, ['phoneNumber']]);
    expect(about('NUMBER_NOT_ALLOWED')).toEqual([7037, ['phoneNumber']]);
    expect(about('UNKNOWN_QUEUE')).toEqual([7040, ['serviceName']]);
    expect(about('DESIRED_TIME_PAST')).toEqual([1008, ['desiredTime']]);
  });

  it('of a callback says what it is about', () => {
    const { row, details } = callbackFailure({ code: 'STATE_FORBIDS', state: 'QUEUED', action: 'reschedule' });
    expect([row.code, details.values]).toEqual([errors.RESCHEDULE_FORBIDDEN.code, { state: 'QUEUED' }]);
    expect(callbackFailure({ code: 'UNKNOWN_CALLBACK' }).row.http).toBe(404);
    expect(callbackFailure({ code: 'IDEMPOTENCY_KEY_REUSED' }).row.http).toBe(409);
    expect(callbackFailure({ code: 'HOLD_LAPSED' }).row.http).toBe(503);
  });

  it('of a setting names the column', () => {
    const { row, details } = configurationFailure({
      code: 'INVALID_COLUMNS',
      problems: [{ column: 'businessHours', message: 'no such' }],
    });
    expect([row.http, details.errors]).toEqual([400, [{ path: 'businessHours', message: 'no such' }]]);
  });
});

describe('whatever is thrown', () => {
  const named = (error: unknown) => failureFrom(error, 100).error;
  const withFields = (fields: object) => Object.assign(new Error('secret +15105550100'), fields);

  it('is answered without its own words', () => {
    for (const thrown of [withFields({}), 'text', undefined, { statusCode: 400 }, null]) {
      const failure = failureFrom(thrown, 100);
      expect(failure.row.code).toBe(5000);
      expect(JSON.stringify(bodyOf(failure, 'c'))).not.toContain('secret');
    }
  });

  it('is told from what the asker did wrong', () => {
    expect(named(withFields({ statusCode: 400 }))).toBe('MALFORMED_REQUEST');
    expect(named(withFields({ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }))).toBe('UNSUPPORTED_CONTENT_TYPE');
    expect(sentence(failureFrom(withFields({ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), 100))).toContain('100 bytes');
  });

  it('says which store is away', () => {
    expect(named(withFields({ code: 'ECONNREFUSED' }))).toBe('READ_MODELS_UNAVAILABLE');
    expect(named(withFields({ code: '57P01' }))).toBe('READ_MODELS_UNAVAILABLE');
    expect(named(withFields({ code: '22P02' }))).toBe('UNEXPECTED');
    for (const code of ['42P01', '42703']) expect(named(withFields({ code }))).toBe('READ_MODELS_UNAVAILABLE'); // until the next version is built
    expect(named(new ContendedError('x'))).toBe('CONTENDED');
  });
});

describe('what zod finds wrong', () => {
  const wrong = (schema: z.ZodType, value: unknown) => {
    const parsed = schema.safeParse(value, { error: wording });
    return parsed.success ? [] : fieldErrors(parsed.error);
  };

  it('is said field by field, with a path as people write it', () => {
    const schema = z.strictObject({ list: z.array(z.object({ channel: z.literal('FCM') })), name: z.string().max(3), at: z.int() });
    expect(wrong(schema, { list: [{}, { channel: 1 }], name: 'long', extra: 1, 'a b': 2 })).toEqual([
      { path: 'list[0].channel', message: 'must be FCM' },
      { path: 'list[1].channel', message: 'must be FCM' },
      { path: 'name', message: 'must have at most 3 characters' },
      { path: 'at', message: 'is required' },
      { path: 'extra', message: 'is not a known field' },
      { path: '["a b"]', message: 'is not a known field' },
    ]);
  });

  it('never repeats the value', () => {
    const schema = z.object({
      a: z.string().max(2),
      b: z.enum(['x', 'y']),
      c: z.int().min(5),
      d: z.union([z.int(), z.object({})]),
      e: z.iso.date(),
    });
    const secret = '+15105550100';
    expect(JSON.stringify(wrong(schema, { a: secret, b: secret, c: secret, d: secret, e: secret }))).not.toContain('5105550100');
  });

  it('is at most fifty fields long', () => {
    expect(
      wrong(
        z.array(z.int()),
        Array.from({ length: 1000 }, () => 'x'),
      ),
    ).toHaveLength(50);
  });

  it('has paths that read back as the path', () => {
    const part = fc.oneof(fc.nat(1000), fc.string({ minLength: 1 }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (path) => {
        const text = dottedPath(path);
        const parts = [...text.matchAll(/\[("(?:[^"\\]|\\.)*"|\d+)\]|([^.[\]"]+)/g)].map(([, inBrackets, plain]) =>
          inBrackets === undefined ? plain : JSON.parse(inBrackets),
        );
        expect(parts).toEqual(path);
      }),
    );
  });
});
