// What is replaced in fengari's string library: string.format by C's rules (c-format.ts), integers of 64 bits in
// string.pack, and wrong words.

export type Patch = readonly [from: string, to: string];

const packing: readonly Patch[] = [
  ['const SZINT = 4;', 'const SZINT = 8;'],
  [
    'r.size = 4; r.opt = Kint;   return r; // sizeof(long)',
    'r.size = 8; r.opt = Kint;   return r; // sizeof(long)',
  ],
  ["case 76  /*'L'*/: r.size = 4;", "case 76  /*'L'*/: r.size = 8;"],
  ["case 106 /*'j'*/: r.size = 4;", "case 106 /*'j'*/: r.size = 8;"],
  ["case 74  /*'J'*/: r.size = 4;", "case 74  /*'J'*/: r.size = 8;"],
  ["case 84  /*'T'*/: r.size = 4;", "case 84  /*'T'*/: r.size = 8;"],
  ['getnumlimit(h, fmt, 4); r.opt = Kstring;', 'getnumlimit(h, fmt, 8); r.opt = Kstring;'],
  ['let lim = 1 << (size * 8) - 1;', 'let lim = 2 ** (size * 8 - 1);'],
  ['(n>>>0) < (1 << (size * NB))', 'BigInt.asUintN(64, BigInt(n)) < 2 ** (size * NB)'],
  ['packint(b, n>>>0, h.islittle', 'packint(b, n, h.islittle'],
  ['size >= 4 /* sizeof(size_t) */ || len < (1 << (size * NB))', 'len < 2 ** (size * NB)'],
  [
    'buff[islittle ? 0 : size - 1] = n & MC;  /* first byte */\n    for (let i = 1;',
    'let bytes = integers.toBytes(n, size, neg);\n    for (let i = 0;',
  ],
  [
    'n >>= NB;\n        buff[islittle ? i : size - 1 - i] = n & MC;',
    'buff[islittle ? i : size - 1 - i] = bytes[i];',
  ],
  ['if (neg && size > SZINT) {', 'if (false) {'],
  [
    'const unpackint = function(L, str, islittle, size, issigned) {',
    `const unpackint = function(L, str, islittle, size, issigned) {
    let bytes = Array.from(str.subarray(0, size));
    let value = integers.fromBytes(islittle ? bytes : bytes.reverse(), Boolean(issigned));
    if (value === undefined)
        return luaL_error(L, to_luastring("%d-byte integer does not fit into Lua Integer"), size);
    return value;`,
  ],
];

const formats: readonly Patch[] = [
  ['let n = luaL_checkinteger(L, arg);', 'let n = luaL_checkinteger.exact(L, arg);'],
  ["const { sprintf } = require('sprintf-js');", 'const sprintf = integers.cFormat;'],
  ['(n === LUA_MININTEGER)', '(n == LUA_MININTEGER)'],
  ['"0x%" + LUA_INTEGER_FRMLEN + "x"', '"%#x"'],
  [
    'luaL_addchar(b, luaL_checkinteger(L, arg));',
    `luaL_addstring(b, Uint8Array.from(Buffer.from(sprintf(
                        String.fromCharCode(...form).replace('c', 's'),
                        String.fromCharCode(luaL_checkinteger(L, arg) & 0xff)), 'latin1')));`,
  ],
  ["'%%%c' to 'format'\"), strfrmt[i-1]);", "'%%%c' to 'format'\"), strfrmt[i-1] || 0);"],
  [
    'buff = lua_number2strx(L, to_luastring(`%${LUA_INTEGER_FRMLEN}a`), n);',
    'buff = to_luastring(sprintf("%a", n));',
  ],
  [
    'luaL_addstring(b, to_luastring(sprintf(String.fromCharCode(...form), to_jsstring(s))));',
    `luaL_addstring(b, Uint8Array.from(
                                Buffer.from(sprintf(String.fromCharCode(...form), Buffer.from(s).toString('latin1')), 'latin1')));`,
  ],
  [
    'lua_number2strx(L, form, luaL_checknumber(L, arg))',
    'to_luastring(sprintf(String.fromCharCode(...form), luaL_checknumber(L, arg)))',
  ],
];

const words: readonly Patch[] = [
  ["(missing arguments to '%%b'\")", "(missing arguments to '%%b')\")"],
  ['"strings contains zeros"', '"string contains zeros"'],
  ['c >= 0 && c <= 255, "value out of range")', 'c >= 0 && c <= 255, i, "value out of range")'],
];

export const stringPatches: readonly Patch[] = [...packing, ...formats, ...words];
