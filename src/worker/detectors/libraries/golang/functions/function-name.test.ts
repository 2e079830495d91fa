import { describe, expect, it } from 'vitest';
import { functionName } from './function-name.ts';

function read(name: string): string | undefined {
  const found = functionName(name);
  return found && `${found.path} | ${found.symbol}${found.isClosure ? ' (closure)' : ''}`;
}

describe('the name of a function', () => {
  it.each([
    ['a function', 'net/http.ListenAndServe', 'net/http | ListenAndServe'],
    ['a method of a pointer', 'net/http.(*Server).Serve', 'net/http | Server.Serve'],
    ['a method of a value', 'net/http.Header.Get', 'net/http | Header.Get'],
    ['a function with digits at the end', 'crypto/sha256.Sum256', 'crypto/sha256 | Sum256'],
    ['a method with digits at the end', 'hash/crc32.(*T).Sum32', 'hash/crc32 | T.Sum32'],
    ['dots in the last element of the path', 'gopkg.in/yaml%2ev3.Unmarshal', 'gopkg.in/yaml.v3 | Unmarshal'],
    ['dots in other elements of the path', 'example.com/a.b/c.F', 'example.com/a.b/c | F'],
    ['a path of a single element with dots', 'rsc%2eio.F', 'rsc.io | F'],
    ['UTF-8 in the path', 'a.com/%c3%a9.F', 'a.com/\u{c3}\u{a9} | F'],
    ['the main package', 'main.run', 'main | run'],
    ['a generic function', 'slices.Contains[go.shape.[]string,go.shape.string]', 'slices | Contains'],
    ['a generic function of Go 1.18', 'slices.Contains[...]', 'slices | Contains'],
    ['a method of a generic type', 'a.com/b.(*T[go.shape.int]).M', 'a.com/b | T.M'],
    ['type arguments with slashes and brackets', 'a.com/b.F[go.shape.struct { x.com/y.Z [2]int }]', 'a.com/b | F'],
    ['unpaired brackets', 'a.com/b.F[go.shape.[x].G', 'a.com/b | F.G'],
    ['the initialisation of variables', 'a.com/b.init', 'a.com/b | init'],
    ['the first function init', 'a.com/b.init.0', 'a.com/b | init#1'],
    ['the second function init', 'a.com/b.init.1', 'a.com/b | init#2'],
    ['a promoted method that is not exported', 'a.com/b.(*T).c.com/d.m', 'a.com/b | T.c.com/d.m'],
    ['a path that starts with go.', 'go.uber.org/zap.New', 'go.uber.org/zap | New'],
    ['another such path', 'go.etcd.io/bbolt.(*DB).Begin', 'go.etcd.io/bbolt | DB.Begin'],
    [
      'the copy of the standard library',
      'vendor/golang.org/x/net/http2/hpack.F',
      'vendor/golang.org/x/net/http2/hpack | F',
    ],
    ['a vendor folder of GOPATH', 'x.com/app/vendor/y.com/z.F', 'y.com/z | F'],
    ['a vendor folder in another', 'x.com/app/vendor/y.com/vendor/z.com/q.F', 'z.com/q | F'],
    ['cgo', 'a.com/b._Cfunc_f', 'a.com/b | _Cfunc_f'],
  ])('has a path and a symbol: %s', (_, name, expected) => {
    expect(read(name)).toBe(expected);
  });

  it.each([
    ['a.com/b.F.func1', 'a.com/b | F (closure)'],
    ['a.com/b.F.func1.2', 'a.com/b | F (closure)'],
    ['a.com/b.F.gowrap1', 'a.com/b | F (closure)'],
    ['a.com/b.F.deferwrap12', 'a.com/b | F (closure)'],
    ['a.com/b.F-range1', 'a.com/b | F (closure)'],
    ['a.com/b.F.func2-range1', 'a.com/b | F (closure)'],
    ['a.com/b.F\u{c2}\u{b7}dwrap\u{c2}\u{b7}1', 'a.com/b | F (closure)'],
    ['a.com/b.(*T).M-fm', 'a.com/b | (*T).M (closure)'],
    ['a.com/b.F[go.shape.int].func1', 'a.com/b | F (closure)'],
    ['a.com/b.glob..func1', 'a.com/b | glob. (closure)'],
    ['a.com/b.map.init.0', 'a.com/b | map.init (closure)'],
    ['a.com/b.init.0.func1', 'a.com/b | init (closure)'],
    ['main.main.F[int].G[string].func1', 'main | main.F.G (closure)'],
  ])('of a closure or wrapper is marked: %s', (name, expected) => {
    expect(read(name)).toBe(expected);
  });

  it.each([
    'go:buildid',
    'type:.eq.a.com/b.T',
    'go.buildid',
    'go.(*struct { a.com/b.C }).M',
    'go.struct { sync.Mutex; a.com/b.C }.Lock',
    'type..eq.a.com/b.T',
    'type..hash.[2]string',
    '_cgo_init',
    'gogo',
    'a.com/b',
    '.F',
    '(*T).M',
    'a.',
    '',
  ])('does not belong to a package: %j', (name) => {
    expect(read(name)).toBeUndefined();
  });
});
