import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';

/**
 * What became of a request. `unsent`: no connection could be made, so not a byte of it left. `lost`: it may have arrived, and no
 * usable answer came (time-out, reset, nonsense, an answer over the limit). `cause` is a short code without any content.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'unsent'; readonly cause: string }
  | { readonly kind: 'lost'; readonly cause: string };

export type Request = {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type HttpClient = { readonly send: (request: Request) => Promise<Exchange>; readonly close: () => void };

/** Idle connections are dropped well before the 5 s after which many servers close them, so a request rarely meets a closing one. */
const IDLE_MS = 2_000;

const onceConnected = (request: ClientRequest, secure: boolean, then: () => void) =>
  request.once('socket', (socket: Socket) => {
    // Not by `reusedSocket`: the pool doesn't set it for a request that waited for a busy connection.
    if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', then);
    else then();
  });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';

/**
 * An HTTP client over pooled, kept-alive connections that tells a request that was never sent from one whose answer was lost.
 * It doesn't retry, doesn't follow redirects and never throws for what the network does. Time-outs count on `clock`, from the call to
 * the answer's last byte, waiting for a free connection included.
 */
export const httpClient = (options: {
  readonly clock: Clock;
  readonly maxConnections?: number;
  readonly maxAnswerBytes?: number;
}): HttpClient => {
  const { clock, maxConnections = 64, maxAnswerBytes = 64 * 1024 } = options;
  const pool = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections, timeout: IDLE_MS };
  const plain = new HttpAgent(pool);
  const secure = new HttpsAgent(pool);

  const send = ({ method, url, headers, body, timeoutMs, signal }: Request): Promise<Exchange> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve({ kind: 'unsent', cause: 'ABORTED' });
      const https = url.protocol === 'https:';
      const request = (https ? httpsRequest : httpRequest)(url, {
        method,
        agent: https ? secure : plain,
        headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') },
      });
      let connected = false;
      const finish = (exchange: Exchange) => {
        cancelTimer();
        signal?.removeEventListener('abort', abort);
        resolve(exchange);
      };
      const giveUp = (cause: string) => {
        finish({ kind: connected ? 'lost' : 'unsent', cause });
        request.destroy();
      };
      const abort = () => giveUp('ABORTED');
      const cancelTimer = clock.at(clock.now() + timeoutMs, () => giveUp('TIMEOUT'));
      signal?.addEventListener('abort', abort, { once: true });

      onceConnected(request, https, () => {
        connected = true;
      });
      request.on('error', (error) => giveUp(codeOf(error)));
      request.on('upgrade', (_, socket) => {
        socket.destroy();
        giveUp('OTHER_PROTOCOL');
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('error', (error) => giveUp(codeOf(error)));
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) giveUp('ANSWER_TOO_LARGE');
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const answerHeaders: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) if (typeof value === 'string') answerHeaders[name] = value;
          finish({
            kind: 'answered',
            status: response.statusCode ?? 0,
            headers: answerHeaders,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      request.end(body);
    });

  return {
    send,
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
};
