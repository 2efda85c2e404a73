/**
 * Letters that look like Latin ones (Unicode's confusables, UTS 39), by the letter they pass for. Reduced to single
 * letters of the scripts in which words are faked; what NFKC folds by itself is left out.
 */
const lookalikes: Record<string, string> = {
  a: 'ɑΑαАаᎪẚꓮꭺ',
  b: 'ƀƂƃƄƅɓΒβБВЬбвьѢѣҌҍᏏᏴᏼꓐꞴꞵꮟ',
  c: 'ȼϲϹСсҪҫᏟᴄⲤⲥꓚꮯ',
  d: 'ÐðĐđƉƌɖɗԁᎠᏧꓒꓓꭰꮷ',
  e: 'ɆɇΕεЕеҽҿᎬꓰꬲꭼ',
  f: 'ƑƒϜϝքᵮẝꓝꞘꞙꬵ',
  g: 'ƍǤǥɠɡԌԍցᏀᏳᏻᶃꓖꮐ',
  h: 'ĦħɦΗНнћҢңһӇӈӉӊհᎻᏂᏲᏺⱧⱨⲎⲏꓧꚕꮋꮒ',
  i: 'ıɨɩɪιіӏᎥᵻᵼιꙇꭵ',
  j: 'ɈɉʝͿϳЈјᎫꓙꞲꭻ',
  k: 'ƙΚκКкҚқҞҟᏦⱩⱪⲔⲕꓗꝀꝁꮶ',
  l: 'ŁłƖƗƚǀɫɭΙІӀᏞⲒⲓⳐⳑꓡꓲꮮ',
  m: 'ɱΜμϺϻМмӍӎᎷᵯⲘⲙꓟꮇ',
  n: 'ƝƞɲɳΝηոռᵰⲚⲛꓠ',
  o: 'ØøƟǾǿɵΘΟθοσϑϴОоѲѳӨөՕօᎾᏫᴏᴑⲞⲟꓳꝊꝋꬽꬾꭴꮎꮻ',
  p: 'ƥΡρϱРрᏢᵽⲢⲣꓑꮲ',
  q: 'ʠԛգզ',
  r: 'ƦɍɼɽʀгғᎡᏒᴦᵲⲅꓣꭇꭈꭱꮁꮢ',
  s: 'ƽʂЅѕՏտᏕᏚᵴꓢꜱꮥꮪ',
  t: 'ŦŧƭƮȾʈΤτТтҬҭᎢᵵⱦⲦⲧꓔꭲ',
  u: 'ɄʉʋυՍսᏌᴜᵾꓴꞟꭎꭒꮜ',
  v: 'νѴѵᏙᴠꓦꮩ',
  w: 'ɯѡѽԜԝաᎳᏔᴡꓪꝡꮃꮤ',
  x: 'ΧχХхҲҳⲬⲭꓫꞳꭓ',
  y: 'ƴɎɏɣʏΥγϒУуҮүҰұᎩᎽᶌỿⲨⲩꓬꭚꭹꮍ',
  z: 'ƵƶȤȥʐΖζᏃᴢᵶꓜꮓ',
};

/** By code unit; made whole, since an array with gaps is as slow as a map. */
const latinOf = Array.from<string | undefined>({ length: 65_536 });
for (const [latin, others] of Object.entries(lookalikes))
  for (const other of others) latinOf[other.charCodeAt(0)] = latin;

/** The Latin letter that this one passes for, if it does. */
export const passesFor = (letter: string): string | undefined => latinOf[letter.charCodeAt(0)];
