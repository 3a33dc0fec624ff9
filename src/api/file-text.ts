import { isUtf8 } from 'node:buffer';
import type { FieldError } from './errors/failure.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** A file's text, without its byte-order mark; or the line that isn't UTF-8. */
export const textOf = (file: Uint8Array): { readonly text: string } | { readonly error: FieldError } => {
  try {
    return { text: utf8.decode(file) };
  } catch {
    let line = 1;
    for (let from = 0; from < file.length; line++) {
      const end = file.indexOf(10, from);
      const to = end < 0 ? file.length : end;
      if (!isUtf8(file.subarray(from, to))) break;
      from = to + 1;
    }
    return { error: { path: '', line, column: 1, message: 'the file must be UTF-8' } };
  }
};
