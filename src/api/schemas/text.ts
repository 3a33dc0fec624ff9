import { z } from 'zod';
import { isLine } from '../../domain/kit/text.ts';

/** A line of text: at most `most` characters, no control characters, nothing that isn't well-formed Unicode. */
export const text = (most: number) => z.string().max(most).refine(isLine, 'must not contain control characters');

/** The same with at least one character. */
export const name = (most: number) => text(most).min(1);

export const queueName = name(128).describe('Name of the service, which is its virtual queue');
export const callbackId = z.string().describe('Id of the callback, as booking answered it');

/** Ids that callbacks have here; any other string names none, and needn't be looked up. */
export const isCallbackId = (id: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(id);
