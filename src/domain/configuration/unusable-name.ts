import { nameProblem } from '../kit/text.ts';

/** The name can't be given to something new. */
export type UnusableName = { readonly code: 'UNUSABLE_NAME'; readonly message: string };

/** Why a queue, calendar or rule can't be made under a name. What is there already goes on under its own, whatever it is. */
export const unusableName = (name: string, isThere: boolean): UnusableName | undefined => {
  const message = isThere ? undefined : nameProblem(name);
  return message === undefined ? undefined : { code: 'UNUSABLE_NAME', message };
};
