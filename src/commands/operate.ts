import { type Operations, type OperationsCommand, type OperationsRefusal, operations } from '../domain/operations/decider.ts';
import { type OperationsEvent, operationsEvents, processStream } from '../domain/operations/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { type Handled, handle, type StreamKind } from './handle.ts';

const operationsKind: StreamKind<Operations, OperationsCommand, OperationsEvent, OperationsRefusal> = {
  decider: operations,
  isOwn: (event): event is typeof event & OperationsEvent => event.type in operationsEvents,
};

/** Records an operator's decision about a parked entry in the stream of the process that owes it. */
export const operate = (
  store: EventStore,
  command: OperationsCommand,
  context: CommandContext,
): Promise<Handled<Operations, OperationsEvent, OperationsRefusal>> =>
  handle(store, operationsKind, processStream(command.parked.process), command, context);
