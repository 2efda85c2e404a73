/**
 * Vectors of every scheme that is brought along: published ones, and `Tr0ub4dor&3` under each, made with the programs
 * that write such files. bcrypt has more of its own in `vectors.ts`.
 */
export interface SchemeVector {
  readonly scheme: string;
  readonly password: string;
  readonly hash: string;
  readonly source: string;
}

const of = (
  source: string,
  rows: readonly (readonly [scheme: string, password: string, hash: string])[],
): SchemeVector[] => rows.map(([scheme, password, hash]) => ({ scheme, password, hash, source }));

export const ours = 'Tr0ub4dor&3';

export const schemeVectors: readonly SchemeVector[] = [
  ...of('made with the programs that write such files', [
    ['des', ours, 'm8Zk31NPoBQaM'],
    ['md5-crypt', ours, '$1$q/AViZ9n$vxRgvboGbYXsuiQSl2HCR.'],
    ['apr1', ours, '$apr1$abcdefgh$uKwRFhVF7xIEaribjYms4.'],
    ['sha256-crypt', ours, '$5$RckB1QRCKThpMjuj$hQFhoAe8YKp8qyvAuPlXjHxNnIRi92wKm.2OhqmWBq3'],
    [
      'sha512-crypt',
      ours,
      '$6$FUBjyvb8IHeDrWuI$K3txuNz8UviHeFq4GvYG0BEsmeB3G3aKh0RnlPa1GPgTi6behfdynI.1JASStV7kyZRKJIDeIGs39EPTwrdLi0',
    ],
    ['bcrypt', ours, '$2b$05$NWd.2ZY7YGwkUcLBe7n2TufThGePAfxYS5k2qd0CrR0dT6ykLEswy'],
    ['bcrypt', ours, '$2a$05$Wp6YuxkbTczNMvNnGSreBegD15nw/mnMUg4DSL2vo9iogSV954jfi'],
    ['scrypt', ours, '$7$CU..../....KwzwnByHKPzSJvZs.KWcz.$i8zbcxv4cveYHBsevG1tjdkKsA0wKO4Ez1NL5VFKbIC'],
    ['yescrypt', ours, '$y$j9T$.a87mhRlPIo/Xv2p0rzPD0$wmRnU.dNJL5OmuJBshwkmZOHe7amgAB/xBJ8Le0MQd0'],
    ['gost-yescrypt', ours, '$gy$j9T$uqDnA5mEnVphPtlpN3zh1.$W6iFQtsZJT0HVFVvhW3netP2I8WGj.I44YQQvZw1RH2'],
    ['md5', ours, '4ece57a61323b52ccffdbef021956754'],
    ['sha1', ours, '{SHA}h0Vy56WuaklGamrFeLmK26eMaqY='],
    ['ssha', ours, '{SSHA}12mJ6etYCpM1oXTRaCHR4ffDmnBzYWx0c2FsdA=='],
    ['smd5', ours, '{SMD5}H8wm6tmWih2ciToDAPGsYnNhbHRzYWx0'],
    ['ssha256', ours, '{SSHA256}qtqMejIPPAZYzUX47mVaUiDSARnHyGd750Cx1MBsAdVzYWx0c2FsdA=='],
    [
      'cyberpanel',
      ours,
      '990ec998b5d50ce730475aca6724074fe22949fbfe436ae517d58488f0f8e9d9:0123456789abcdef0123456789abcdef',
    ],
  ]),
  ...of("John the Ripper's and crypt_blowfish's self-tests", [
    ['des', 'U*U*U*U*', 'CCNf8Sbh3HDfQ'],
    ['des', 'U*U***U', 'CCX.K.MFy4Ois'],
    ['des', '*U*U*U*U', 'XXxzOu6maQKqQ'],
    ['des', '', 'SDbsugeBiC58A'],
    ['bsdi', 'U*U*U*U*', '_J9..CCCCXBrJUJV154M'],
    ['bsdi', 'U*U***U', '_J9..CCCCXUhOBTXzaiE'],
    ['bsdi', '*U*U*U*U', '_J9..XXXXvlzQGqpPPdk'],
    ['bsdi', '', '_J9..SDSD5YGyRCr4W4c'],
    ['md5-crypt', '0123456789ABCDE', '$1$12345678$aIccj83HRDBo6ux1bVx7D1'],
    ['md5-crypt', '12345678', '$1$12345678$f8QoJuo0DpBRfQSD0vglc1'],
    ['apr1', 'test', '$apr1$Q6ZYh...$RV6ft2bZ8j.NGrxLYaJt9.'],
    ['scrypt', '', '$7$2/..../....$rNxJWVHNv/mCNcgE/f6/L4zO6Fos5c2uTzhyzoisI62'],
    ['scrypt', 'password', '$7$86....E....NaCl$xffjQo7Bm/.SKRS4B2EuynbOLjAmXU5AbDbRXhoBl64'],
  ]),
  ...of('Ulrich Drepper, Unix crypt using SHA-256 and SHA-512', [
    ['sha256-crypt', 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
    [
      'sha256-crypt',
      'Hello world!',
      '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA',
    ],
    [
      'sha512-crypt',
      'Hello world!',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'sha512-crypt',
      'Hello world!',
      '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
    ],
  ]),
  ...of("passlib's tests", [
    ['sha1-crypt', 'password', '$sha1$19703$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a'],
    ['smd5', 'testing1234', '{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE='],
    ['ssha', 'testing123', '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'],
    ['ssha', 'secret', '{SSHA}0H+zTv8o4MR4H43n03eCsvw1luG8LdB7'],
  ]),
  ...of("hashcat's example hashes", [
    [
      'gost-yescrypt',
      'hashcat',
      '$gy$j9T$HtyOX9cwJ2Dh8LlJV8IJ30$ZCSJt69pE/HLXFfIuxukRc2PlNla.tbqJxUHCp/WHVD',
    ],
    ['sha1', 'hashcat', '{SHA}uJ6qx+YUFzQbcQtyd2gpTQ5qJ3s='],
    ['ssha', 'hashcat', '{SSHA}AZKja92fbuuB9SpRlHqaoXxbTc43Mzc2MDM1Ng=='],
    ['ssha256', 'hashcat', '{SSHA256}OZiz0cnQ5hgyel3Emh7NCbhBRCQ+HVBwYplQunHYnER7TLuV'],
    [
      'ssha512',
      'hashcat',
      '{SSHA512}ALtwKGBdRgD+U0fPAy31C28RyKYx7+a8kmfksccsOeLknLHv2DBXYI7TDnTolQMBuPkWDISgZr2cHfnNPFjGZTEyNDU4OTkw',
    ],
    ['md5', 'hashcat', '8743b52063cd84097a65d1633f5c74f5'],
  ]),
  ...of("Apache's manual of password formats", [['sha1', 'myPassword', '{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=']]),
  ...of('FIPS 180-4, the message "abc"', [
    ['sha256', 'abc', '{SHA256}ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    [
      'sha512',
      'abc',
      '{SHA512}3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==',
    ],
  ]),
  ...of("libxcrypt's and scrypt's own tests", [
    ['scrypt', 'pleaseletmein', '$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D'],
    ['scrypt', 'pleaseletmein', '$7$06..../....SodiumChloride$ENlyo6fGw4PCcDBOFepfSZjFUnVatHzCcW55.ZGz3B0'],
    [
      'yescrypt',
      'pleaseletmein',
      '$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6',
    ],
  ]),
  ...of("argon2's reference implementation, test.c", [
    [
      'argon2id',
      'password',
      '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id',
      'password',
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    [
      'argon2i',
      'password',
      '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
    ],
    [
      'argon2i',
      'password',
      '$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E',
    ],
  ]),
];
