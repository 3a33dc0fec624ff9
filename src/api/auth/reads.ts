import type { FastifyRequest } from 'fastify';
import type { CommandDeps } from '../../commands/deps.ts';
import { mayRead, type Reads, visibleConfiguration } from '../../domain/access/reads.ts';
import { principalOf } from './authenticate.ts';

/** The queues that the one who asks reads (8.2): all of them a client. Only for routes that let nobody in without credentials. */
export const readsBy = (request: FastifyRequest): Reads => {
  const principal = principalOf(request);
  return principal.kind === 'client' ? 'all' : principal.reads;
};

/** What commands are carried out with, where other queues than those that the one who asks reads don't exist. */
export const commandsFor = (commands: CommandDeps, request: FastifyRequest): CommandDeps => {
  const reads = readsBy(request);
  if (reads === 'all') return commands;
  return {
    ...commands,
    configuration: () => visibleConfiguration(commands.configuration(), reads),
    // a booking records the wait of the queue that the call would have waited in, which its booker names
    estimatedWaitSeconds: (queue) => (mayRead(reads, queue) ? commands.estimatedWaitSeconds(queue) : null),
  };
};
