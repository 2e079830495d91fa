import type { Answer, Deviation } from './transport.ts';

type Change = Deviation['change'];

/** Changes the status, and the body if given. */
export function status(code: number, text?: string): Change {
  return (answer) => ({ ...answer, status: code, text: text ?? answer.text });
}

/** Changes a header, or removes it. */
export function header(name: string, value?: (before: string) => string): Change {
  return (answer): Answer => {
    const { [name]: before = '', ...others } = answer.headers;
    return { ...answer, headers: value === undefined ? others : { ...others, [name]: value(before) } };
  };
}

/** Sets a member of the JSON body; `*` in the path is the first member. */
export function changed(path: string, value: unknown): Change {
  return atMember(path, (parent, key) => void Reflect.set(parent, key, value));
}

/** Removes a member of the JSON body. */
export function removed(path: string): Change {
  return atMember(path, (parent, key) => void Reflect.deleteProperty(parent, key));
}

/** Removes all items of a list of the JSON body. */
export function emptied(path: string): Change {
  return changed(path, []);
}

function atMember(path: string, change: (parent: object, key: string) => void): Change {
  return (answer) => {
    const body: unknown = JSON.parse(answer.text);
    const steps = path.split('.');
    let parent = body;
    for (const [at, step] of steps.entries()) {
      if (typeof parent !== 'object' || parent === null) throw new Error(`there is no ${path}`);
      const key = step === '*' ? (Object.keys(parent)[0] ?? '') : step;
      if (at === steps.length - 1) change(parent, key);
      else parent = Reflect.get(parent, key);
    }
    return { ...answer, text: JSON.stringify(body) };
  };
}
