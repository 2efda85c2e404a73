/** Names that are borrowed to ask for passwords, and the domains that may use them. Facts, no verdict. */

const table = `
paypal: paypal.com paypal.me paypalobjects.com
microsoft, office 365, office365, outlook, microsoft 365, onedrive, sharepoint, hotmail: microsoft.com office.com office365.com outlook.com live.com hotmail.com microsoftonline.com sharepoint.com onmicrosoft.com msn.com windows.com azure.com
apple, icloud, apple id: apple.com icloud.com
amazon, aws: amazon.com amazon.co.uk amazon.de amazon.fr amazon.es amazon.it amazon.nl amazon.co.jp amazonaws.com amazonses.com
netflix: netflix.com
google, gmail, google drive: google.com gmail.com youtube.com withgoogle.com googlemail.com
facebook, instagram, whatsapp, meta: facebook.com facebookmail.com instagram.com whatsapp.com meta.com
linkedin: linkedin.com
twitter: twitter.com x.com
dropbox: dropbox.com dropboxmail.com
docusign: docusign.com docusign.net
adobe: adobe.com adobesign.com
zoom: zoom.us zoom.com
dhl: dhl.com dhl.de
fedex: fedex.com
ups: ups.com
usps: usps.com usps.gov
royal mail: royalmail.com
dpd: dpd.com dpd.co.uk dpd.de
correios: correios.com.br
chase, jpmorgan: chase.com jpmorgan.com
wells fargo: wellsfargo.com
bank of america: bankofamerica.com
citibank, citi: citi.com citibank.com
capital one: capitalone.com
american express, amex: americanexpress.com aexp.com
hsbc: hsbc.com hsbc.co.uk
barclays: barclays.com barclays.co.uk
lloyds: lloydsbank.com lloydsbank.co.uk lloydstsb.com lloydstsb.co.uk
natwest: natwest.com
santander: santander.com santander.co.uk santander.com.br
nationwide: nationwide.co.uk
halifax: halifax.co.uk
rbc, royal bank: rbc.com royalbank.com
scotiabank: scotiabank.com
td bank: td.com
ing: ing.com ing.nl ing.de
rabobank: rabobank.nl rabobank.com
abn amro: abnamro.nl abnamro.com
sparkasse: sparkasse.de
volksbank: volksbank.de vr.de
deutsche bank: deutsche-bank.de db.com
commerzbank: commerzbank.de
postbank: postbank.de
credit agricole: credit-agricole.fr
bnp paribas: bnpparibas.com bnpparibas.net
societe generale: societegenerale.fr
la banque postale: labanquepostale.fr
bbva: bbva.com bbva.es
caixabank: caixabank.es caixabank.com
caixa: caixa.gov.br
bradesco: bradesco.com.br
itau: itau.com.br
banco do brasil: bb.com.br
nubank: nubank.com.br
intesa sanpaolo: intesasanpaolo.com
unicredit: unicredit.it unicredit.eu
poste italiane: poste.it posteitaliane.it
absa: absa.co.za absa.africa
fnb: fnb.co.za
standard bank: standardbank.co.za
nedbank: nedbank.co.za
commonwealth bank, netbank: commbank.com.au cba.com.au
anz: anz.com
westpac: westpac.com.au
nab: nab.com.au
navy federal: navyfederal.org nfcu.org
usaa: usaa.com
us bank: usbank.com
suntrust: suntrust.com truist.com
coinbase: coinbase.com
binance: binance.com
kraken: kraken.com
metamask: metamask.io consensys.net
trust wallet: trustwallet.com
ledger: ledger.com
blockchain: blockchain.com
ebay: ebay.com ebay.co.uk ebay.de
steam: steampowered.com valvesoftware.com
godaddy: godaddy.com secureserver.net
namecheap: namecheap.com
ionos: ionos.com ionos.de ionos.co.uk
ovh: ovh.com ovh.net ovhcloud.com
hostinger: hostinger.com
bluehost: bluehost.com
wordpress: wordpress.com wordpress.org
cpanel: cpanel.net cpanel.com
roundcube: roundcube.net
zimbra: zimbra.com
yahoo: yahoo.com yahooinc.com yahoo.co.uk yahoo.co.jp
aol: aol.com
spotify: spotify.com
irs: irs.gov
hmrc: hmrc.gov.uk gov.uk
at t, att: att.com att.net
verizon: verizon.com
comcast, xfinity: comcast.net comcast.com xfinity.com
orange: orange.fr orange.com
telekom, t-online: telekom.de t-online.de telekom.com
vodafone: vodafone.com vodafone.co.uk vodafone.de
rakuten: rakuten.co.jp rakuten.com
booking: booking.com
airbnb: airbnb.com
uber: uber.com
stripe: stripe.com
github: github.com
`;

export interface Brand {
  readonly names: readonly string[];
  readonly domains: ReadonlySet<string>;
}

export const brands: readonly Brand[] = table
  .split('\n')
  .map((row) => row.split(':'))
  .filter((row) => row.length === 2)
  .map(([names = '', domains = '']) => ({
    names: names.split(',').map((name) => name.trim()),
    domains: new Set(domains.trim().split(/\s+/)),
  }));

const domainOwners = new Map(
  brands.flatMap((brand) => [...brand.domains].map((domain) => [domain, brand] as const)),
);

/** Whose domain this is. */
export const ownerOf = (domain: string): Brand | undefined => domainOwners.get(domain);

/** The brand that a short text names: a display name, a subject. */
export function brandIn(text: string): Brand | undefined {
  const plain = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return brands.find(({ names }) => names.some((name) => plain.includes(` ${name} `)));
}
