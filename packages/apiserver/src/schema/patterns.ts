import { RE2JS } from 're2js';

/** Whether a value contains a match. */
export type PatternTest = (value: string) => boolean;

const tests = new Map<string, PatternTest>();

/**
 * A test for a Go (RE2) regular expression. Patterns in which no group repeats run on V8's engine, since they cannot take
 * exponential time; all others run on RE2, which is linear. Throws Error with the reason when the pattern is malformed.
 */
export function patternTest(pattern: string): PatternTest {
  let test = tests.get(pattern);
  if (!test) {
    test = remembering(isPlain(pattern) ? nativeTest(pattern) : linearTest(pattern));
    tests.set(pattern, test);
  }
  return test;
}

/** Short values (quantities, names of things) come again and again. */
const REMEMBERED_LENGTH = 24;
const REMEMBERED = 256;

function remembering(test: PatternTest): PatternTest {
  const results = new Map<string, boolean>();
  return (value) => {
    if (value.length > REMEMBERED_LENGTH) return test(value);
    let result = results.get(value);
    if (result === undefined) {
      result = test(value);
      if (results.size >= REMEMBERED) results.clear();
      results.set(value, result);
    }
    return result;
  };
}

/** Long values make even polynomial matching slow; they go to the linear engine. */
const NATIVE_LENGTH = 512;

function nativeTest(pattern: string): PatternTest {
  const regexp = new RegExp(pattern);
  let linear: PatternTest | undefined;
  return (value) => {
    if (value.length <= NATIVE_LENGTH) return regexp.test(value);
    linear ??= linearTest(pattern);
    return linear(value);
  };
}

function linearTest(pattern: string): PatternTest {
  const compiled = RE2JS.compile(pattern);
  return (value) => compiled.matcher(value).find();
}

/** Same meaning in both engines, and no repeated group. */
function isPlain(pattern: string): boolean {
  return !/\)[*+{]|\(\?|\\[^dwsDWS.\-+*?()[\]{}|^$/\\]|\[\[|\[:/.test(pattern) && /^[\x20-\x7e]*$/.test(pattern);
}
