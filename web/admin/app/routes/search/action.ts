/** What a button of the page does: it is asked for, said, and everything here is read again. */
export type RunAction = (act: () => Promise<unknown>, done: string, undo?: () => Promise<unknown>) => Promise<void>;
