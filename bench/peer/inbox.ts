/** Values that come before somebody asks for them, or after. */
export interface Inbox<T> {
  /** false where it is full: whoever sends so much does not wait for answers. */
  push(value: T): boolean;
  /** The next value. Rejects once the inbox has failed and is empty. */
  next(): Promise<T>;
  /** Nothing more comes; the first reason counts. */
  fail(reason: Error): void;
}

/** An inbox that holds so many values at most. */
export function createInbox<T>(most: number): Inbox<T> {
  const values: T[] = [];
  const waiting: PromiseWithResolvers<T>[] = [];
  let failure: Error | null = null;
  return {
    push(value) {
      if (failure !== null) return true;
      const first = waiting.shift();
      if (first !== undefined) first.resolve(value);
      else if (values.length < most) values.push(value);
      else return false;
      return true;
    },
    next() {
      const value = values.shift();
      if (value !== undefined) return Promise.resolve(value);
      if (failure !== null) return Promise.reject(failure);
      const waiter = Promise.withResolvers<T>();
      waiting.push(waiter);
      return waiter.promise;
    },
    fail(reason) {
      failure ??= reason;
      for (const { reject } of waiting.splice(0)) reject(failure);
    },
  };
}
