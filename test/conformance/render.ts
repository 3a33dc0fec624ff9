import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** Positions differ from server to server: they are shown as #n, in the order in which they were first seen. */
export type Positions = { readonly mask: (position: string | number) => string; readonly nameOf: (position: string) => string | undefined };

export const maskPositions = (): Positions => {
  const seen = new Map<string, string>();
  return {
    mask: (position) => {
      const key = String(position);
      if (key === '0' || key === '18446744073709551615') return key;
      const known = seen.get(key) ?? `#${seen.size + 1}`;
      seen.set(key, known);
      return known;
    },
    nameOf: (position) => seen.get(position),
  };
};

/** The name of a oneof's case, as the protocol's own constants have it. */
const caseName = (cases: object, value: number): string => Object.entries(cases).find(([, n]) => n === value)?.[0] ?? '';

const utf8 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('utf8');

const trailers = (metadata: Metadata): string => {
  const shown = Object.entries(metadata.getMap()).filter(([key]) => !/^(date|server|content-|grpc-)/.test(key));
  return JSON.stringify(Object.fromEntries(shown.map(([key, value]) => [key, String(value)])));
};

export const renderError = (e: ServiceError): string =>
  `ERROR code=${e.code} ${status[e.code]} details=${JSON.stringify(e.details)} trailers=${trailers(e.metadata)}`;

const renderData = (type: string | undefined, data: Uint8Array): string => {
  if (data.length > 200) return `<${data.length}>`;
  return type?.startsWith('$') ? JSON.stringify(utf8(data)).slice(0, 160) : String(data.length);
};

const renderRecorded = (p: Positions, e: streams.ReadResp.ReadEvent.RecordedEvent | undefined): string => {
  if (!e) return 'undefined';
  const metadata = e.getMetadataMap();
  const type = metadata.get('type');
  const parts = [
    `stream=${utf8(e.getStreamIdentifier()?.getStreamName_asU8() ?? '')}`,
    `rev=${e.getStreamRevision()}`,
    `type=${type}`,
    `ct=${metadata.get('content-type')}`,
    `commit=${p.mask(e.getCommitPosition())}`,
    `prepare=${p.mask(e.getPreparePosition())}`,
    `mdkeys=${[...metadata.keys()].sort()}`,
    `custom=${e.getCustomMetadata_asU8().length}`,
    `data=${renderData(type, e.getData_asU8())}`,
  ];
  return `{${parts.join(' ')}}`;
};

/** One answer to a read or a subscription, as a line. */
export const renderRead = (p: Positions, m: streams.ReadResp): string => {
  const kind = caseName(streams.ReadResp.ContentCase, m.getContentCase());
  const checkpoint = m.getCheckpoint();
  const event = m.getEvent();
  if (event) {
    const link = event.getLink();
    const position = event.getPositionCase() === 3 ? p.mask(event.getCommitPosition()) : 'no_position';
    const recorded = renderRecorded(p, event.getEvent());
    return `EVENT ${recorded}${link ? ` link=${renderRecorded(p, link)}` : ''} pos=${position}`;
  }
  if (checkpoint) return `CHECKPOINT commit=${p.mask(checkpoint.getCommitPosition())} prepare=${p.mask(checkpoint.getPreparePosition())}`;
  if (kind === 'CONFIRMATION') return 'CONFIRMATION <subscription id>';
  if (kind === 'STREAM_NOT_FOUND') return `${kind} ${utf8(m.getStreamNotFound()?.getStreamIdentifier()?.getStreamName_asU8() ?? '')}`;
  if (kind === 'FIRST_STREAM_POSITION') return `${kind} ${m.getFirstStreamPosition()}`;
  if (kind === 'LAST_STREAM_POSITION') return `${kind} ${m.getLastStreamPosition()}`;
  return kind;
};

type HasPosition = { getCommitPosition(): string; getPreparePosition(): string };

export const renderPosition = (p: Positions, at: HasPosition | undefined): string =>
  at ? `commit=${p.mask(at.getCommitPosition())} prepare=${p.mask(at.getPreparePosition())}` : 'no_position';

/** The answer to an append, as a line. */
export const renderAppend = (p: Positions, r: streams.AppendResp): string => {
  const success = r.getSuccess();
  if (success) {
    const none = success.getCurrentRevisionOptionCase() === streams.AppendResp.Success.CurrentRevisionOptionCase.NO_STREAM;
    return `SUCCESS ${none ? 'no_stream' : `rev=${success.getCurrentRevision()}`} ${renderPosition(p, success.getPosition())}`;
  }
  const w = r.getWrongExpectedVersion();
  if (!w) return 'nothing';
  const W = streams.AppendResp.WrongExpectedVersion;
  const current = `current=${caseName(W.CurrentRevisionOptionCase, w.getCurrentRevisionOptionCase())}(${w.getCurrentRevision()})`;
  const expected = `expected=${caseName(W.ExpectedRevisionOptionCase, w.getExpectedRevisionOptionCase())}(${w.getExpectedRevision()})`;
  const oldCurrent = `current=${caseName(W.CurrentRevisionOption2060Case, w.getCurrentRevisionOption2060Case())}(${w.getCurrentRevision2060()})`;
  const oldExpected = `expected=${caseName(W.ExpectedRevisionOption2060Case, w.getExpectedRevisionOption2060Case())}(${w.getExpectedRevision2060()})`;
  return `WRONG_EXPECTED_VERSION ${current} ${expected} old20_6: ${oldCurrent} ${oldExpected}`;
};

const renderWrongVersion = (value: Uint8Array): string => {
  const w = shared.WrongExpectedVersion.deserializeBinary(value);
  const W = shared.WrongExpectedVersion;
  const current = `${caseName(W.CurrentStreamRevisionOptionCase, w.getCurrentStreamRevisionOptionCase())}(${w.getCurrentStreamRevision()})`;
  const expected = `${caseName(W.ExpectedStreamPositionOptionCase, w.getExpectedStreamPositionOptionCase())}(${w.getExpectedStreamPosition()})`;
  return ` current=${current} expected=${expected}`;
};

/** The answer to one append of a batch call, as a line. */
export const renderBatch = (p: Positions, r: streams.BatchAppendResp): string => {
  const stream = r.getStreamIdentifier();
  const name = stream ? utf8(stream.getStreamName_asU8()) : '<none>';
  const where = `stream=${name} expectedCase=${caseName(streams.BatchAppendResp.ExpectedStreamPositionCase, r.getExpectedStreamPositionCase())}`;
  const success = r.getSuccess();
  if (success) {
    const option = caseName(streams.BatchAppendResp.Success.CurrentRevisionOptionCase, success.getCurrentRevisionOptionCase());
    return `BATCH SUCCESS ${option}(${success.getCurrentRevision()}) ${renderPosition(p, success.getPosition())} ${where}`;
  }
  const error = r.getError();
  const details = error?.getDetails();
  const wrong = details && /WrongExpectedVersion$/.test(details.getTypeUrl()) ? renderWrongVersion(details.getValue_asU8()) : '';
  return `BATCH ERROR code=${error?.getCode()} message=${JSON.stringify(error?.getMessage())} details=${details?.getTypeUrl()}${wrong} ${where}`;
};

/** Runs of events as their first, their number and their last. */
export const squeeze = (lines: readonly string[]): string[] => {
  const runs: { first: string; last: string; count: number }[] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    if (run && line.startsWith('EVENT ') && run.last.startsWith('EVENT ')) {
      run.last = line;
      run.count++;
    } else runs.push({ first: line, last: line, count: 1 });
  }
  return runs.flatMap(({ first, last, count }) => (count > 1 ? [first, `  ... ${count} EVENTs, last: ${last}`] : [first]));
};
