import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAppendPart, readBatchPart } from '../../src/embedded/event-store/protocol/append-request.ts';
import { encodeRecorded, parseRecorded, recordedBytes, withStructuredId } from '../../src/embedded/event-store/protocol/recorded-event.ts';
import { readUuid } from '../../src/embedded/event-store/protocol/uuid.ts';
import { LAST_REVISION, reader } from '../../src/embedded/event-store/protocol/wire.ts';

const bytes = fc.uint8Array({ maxLength: 400 }).map((b) => Buffer.from(b));
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const number = fc.oneof(fc.nat(), fc.maxSafeNat());

const recorded = fc.record({
  id: fc.uuid(),
  stream: name,
  revision: fc.oneof(number, fc.constant(LAST_REVISION)),
  position: number,
  type: name,
  json: fc.boolean(),
  created: fc.maxSafeNat().map(String),
  data: bytes,
  metadata: bytes,
});

describe('an event as it is stored', () => {
  it('is read by the protocol’s own classes as what it was', () =>
    fc.assert(
      fc.property(recorded, (e) => {
        const event = streams.ReadResp.deserializeBinary(new Uint8Array(encodeRecorded(e))).getEvent();
        const inside = event?.getEvent();
        expect(event?.getCommitPosition()).toBe(String(e.position));
        expect(inside?.getId()?.getString()).toBe(e.id);
        expect(Buffer.from(inside?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(e.stream);
        expect(inside?.getStreamRevision()).toBe(e.revision === LAST_REVISION ? '9223372036854775807' : String(e.revision));
        expect([inside?.getPreparePosition(), inside?.getCommitPosition()]).toEqual([String(e.position), String(e.position)]);
        const metadata = inside?.getMetadataMap();
        expect(metadata?.get('type')).toBe(e.type);
        expect(metadata?.get('content-type')).toBe(e.json ? 'application/json' : 'application/octet-stream');
        expect(metadata?.get('created')).toBe(e.created);
        expect(Buffer.from(inside?.getData_asU8() ?? [])).toEqual(e.data);
        expect(Buffer.from(inside?.getCustomMetadata_asU8() ?? [])).toEqual(e.metadata);
      }),
    ));

  it('is parsed back field by field', () =>
    fc.assert(
      fc.property(recorded, (e) => {
        expect(parseRecorded(encodeRecorded(e))).toEqual(e);
      }),
    ));

  it('keeps its id in the structured form', () =>
    fc.assert(
      fc.property(recorded, (e) => {
        const bytesOf = withStructuredId(recordedBytes(encodeRecorded(e)));
        const event = streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(new Uint8Array(bytesOf));
        const id = event.getId();
        expect(id?.hasStructured()).toBe(true);
        expect(readUuid(reader(Buffer.from(id?.serializeBinary() ?? [])))).toBe(e.id);
        expect(event.getStreamRevision()).toBe(e.revision === LAST_REVISION ? '9223372036854775807' : String(e.revision));
      }),
    ));
});

describe('an append request', () => {
  it('is read as the protocol’s own classes wrote it', () =>
    fc.assert(
      fc.property(name, number, fc.uuid(), name, bytes, bytes, (stream, revision, id, type, data, metadata) => {
        const message = new streams.BatchAppendReq.ProposedMessage();
        const uuid = new shared.UUID();
        uuid.setString(id);
        message.setId(uuid);
        message.getMetadataMap().set('type', type).set('content-type', 'application/json');
        message.setData(new Uint8Array(data));
        message.setCustomMetadata(new Uint8Array(metadata));
        const options = new streams.BatchAppendReq.Options();
        const identifier = new shared.StreamIdentifier();
        identifier.setStreamName(Buffer.from(stream).toString('base64'));
        options.setStreamIdentifier(identifier);
        options.setStreamPosition(String(revision));
        const request = new streams.BatchAppendReq();
        request.setCorrelationId(uuid);
        request.setOptions(options);
        request.addProposedMessages(message);
        request.setIsFinal(true);
        const read = readBatchPart(Buffer.from(request.serializeBinary()), 0);
        expect(read.target).toEqual({ stream, expected: revision, deadline: undefined });
        expect(read.proposed).toEqual([{ id, type, contentType: 'application/json', data, metadata }]);
        expect(read.final).toBe(true);
        expect(readUuid(reader(read.correlation))).toBe(id);
      }),
    ));

  it('that is cut short or garbled is refused, not misread', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        try {
          readAppendPart(Buffer.from(garbage), 0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    ));
});
