import * as F from './word-flags.ts';

/**
 * Words that say what a number or an address is, in English, Spanish, French and German, without accents and
 * apostrophes. Lists are data: a missing word costs context, never correctness of a checksum.
 */
export const cueWords: ReadonlyArray<readonly [flags: number, words: string]> = [
  [
    F.PHONE_CUE,
    `phone phones telephone telephones tel tele tph fone phon ph mobile mobiles mob cell cellphone cellular landline fax faxed handset line lines
     pager call calls called calling caller callback callbacks dial dialed dialled dialing dialling ring rings rang ringing
     text texted texting txt sms whatsapp viber signal telegram imessage facetime voicemail hotline helpline buzz
     reach reached reachable ans dnis ani msisdn cli clid hotspot
     telefono telefonos movil celular fijo llame llamen llama llamar llamame llamada llamadas marcar marque marca contacto contactar
     contacten localizar telefonico wasap guasap
     telephonique portable portables fixe appelez appeler appelle appel rappel rappelez rappeler rappelle joindre joignable
     contactez contacter numeros mobil mobile tlf tfno
     telefon telefonnummer handy handynummer mobilnummer mobiltelefon festnetz festnetznummer rufnummer ruf rufen ruft anrufen anruf
     ruckruf ruckrufnummer rueckruf ruckrufen zuruckrufen zuruck erreichen erreichbar erreiche durchwahl faxnummer kontaktnummer
     cellulare telefonino chiamare chiami chiamatemi telefoonnummer mobiel mobiele bellen bel gsm telefone telefones telemovel ligue ligar ligacao
     mobilnummer mobilnumret telefonnummeret telefonnumret mobiltelefonnummer rufnummern telefonu dzwonic zadzwonic komorkowy
     komorka puhelinnumero puhelinnumeroni telefonszam telefonszamom telefonszama telefonnumre telefoni cislo telefonum
     ceptelefonu cep numaram`,
  ],
  [F.PHONE_CUE | F.MAIL_CUE, 'contact reach contacto kontakt'],
  [F.SSN_CUE, 'ssn ssns social socials socialsecurity itin tin taxpayer sosh soc ss'],
  [
    F.CARD_CUE,
    `card cards visa mastercard amex americanexpress discover diners jcb unionpay maestro debit credit creditcard debitcard
     cc ccn pan plastic charge charged billed tarjeta tarjetas credito debito carte cartes bancaire
     kreditkarte kreditkarten kreditkartennummer karte kartennummer bankkarte girocard carta cartao kaart creditcardnummer`,
  ],
  [F.IBAN_CUE, 'iban ibans transfer wire sepa uberweisung ueberweisung kontonummer virement transferencia'],
  [
    F.MAIL_CUE,
    `mail mails mailed mailing email emails emailed emailing inbox mailbox copy copied bounced bounce bounces spell spelled spelling login logon username userid
     write send sent sending forward forwarded address addresses cc bcc reply replies newsletter
     correo correos electronico escribir escriba escribame envie enviar direccion buzon
     courriel courriels ecrire ecrivez ecris envoyer envoyez adresse adresses messagerie
     mailadresse emailadresse schreiben schreibt schicken schick senden sende postfach anschrift`,
  ],
  [
    F.OTHER_CUE,
    `valve valves gasket gaskets pump filter hinge bolt screw washer bearing hose adapter cartridge toner bulb clamp knob piston
     order orders ordered ordering po purchase invoice invoices inv bill bills billing receipt receipts quote quotes quotation
     estimate case cases ticket tickets incident incidents issue issues job jobs task tasks request requests req claim claims
     policy policies contract contracts agreement booking bookings reservation reservations reserve itinerary pnr
     confirmation confirmations conf tracking track tracked shipment shipments parcel parcels package packages consignment waybill awb
     ups usps fedex dhl dpd gls hermes delivery deliveries dispatch courier part parts sku skus item items product products
     model models serial serials sn imei imsi iccid meid esn ean ean13 upc gtin isbn issn barcode asin mpn bracket
     version versions build builds release releases revision firmware patch kernel driver hotfix
     uuid guid id ids identifier identifiers identification key hash checksum digest md5 sha sha1 sha256 commit token tokens session sessions
     trace correlation transaction transactions txn payment payments auth authorization authorisation approval
     account accounts acct acc membership loyalty rewards frequent flyer flight flights gate seat train
     zip zipcode postcode postal plz code codes reference references ref refs batch lot lots asset assets meter meters
     voucher vouchers coupon coupons promo gift record records recording recordings
     epoch timestamp timestamps unix ms millis milliseconds ticks
     amount amounts total totals subtotal balance balances price prices cost costs fee fees sum salary worth
     ip ips mac ipv4 ipv6 port ports server servers host hosts vlan ssid subnet lease router
     latitude longitude lat lon lng coordinates coordinate gps geo position
     count counter quantity qty units inventory stock queue length size width height weight mileage odometer reading readings kwh
     res resv prescription prescriptions rma returns workorder docket manifest container vin plate chassis engine fleet truck trailer pallet shelf
     isin cusip routing swift bic sort vat ein duns npi medicare nhs nino badge roll
     license licence permit registration passport warranty device devices sim puk pin otp passcode password
     survey poll bug defect changeset pr mr merge pull article articles chapter verse
     pedido pedidos orden factura facturas recibo caso incidencia ticket reserva seguimiento envio paquete guia pieza articulo
     modelo serie version cuenta poliza contrato codigo referencia expediente importe precio vuelo postal lote contador
     commande commandes facture factures recu dossier dossiers incident reservation suivi colis envoi piece article articles modele
     serie compte police contrat code reference montant prix vol lot compteur bon devis
     bestellung bestellungen bestellnummer auftrag auftrage auftragsnummer rechnung rechnungen rechnungsnummer beleg fall fallnummer
     vorgang vorgangsnummer ticketnummer buchung buchungsnummer sendung sendungsnummer sendungsverfolgung paket paketnummer teil
     teilenummer artikel artikelnummer modell serien seriennummer konto kundennummer police vertrag vertragsnummer
     kennung referenz aktenzeichen betrag preis flug zahler zahlernummer zahlerstand angebot postleitzahl
     tag tags label labels room rooms desk desks ordre ordrer faktura bestilling zamowienie ordernr bestelnummer reparation
     ordine fattura pratica factuur bestelling zending encomenda fatura`,
  ],
  [
    F.CARD_VETO,
    'gift loyalty sim membership library key business report points rewards reward member travel oyster store punch score phone calling access health insurance medicare',
  ],
  [F.NUMBER_WORD, `number numbers num nums no nr nbr nummer nummern numero numeros numeri digits digit`],
  [F.PERSON, 'customer client member employee staff student patient cliente kunde'],
  [
    F.GLUE,
    `mit mitt min mijn mio meu minha moj muj onze jouw ons vores vart
     is was are be the a an my our your his her its thats this that it of for on at in to was were s el la le les der die das den
     mi su mon ma mein meine meinen unser unsere votre notre nuestro tu es ist est sind lautet son
     good correct wrong home work office personal private daytime daytimes evening day night emergency backup alternative previous former
     different real actual working valid registered only certain specific given above below
     under as id ref code please here new old current other another same alternate second first last primary main best direct
     again just still also called reads goes as following follows would will number's full complete whole
     security securite seguro seguridad seguranca sociale sociala de du des d l von vom un una une uno ein eine per via with`,
  ],
  [F.GLUE, 'area country tax al'],
  [
    F.FILLER,
    'um umm uh uhh uhm er err erm eh ehm em hm hmm hmmm mm mmm ah ahh like euh heu ben bah este pues aeh ahm',
  ],
  [
    F.SEPARATOR,
    'dash hyphen minus space spaces slash dot point period comma pause guion raya espacio barra punto coma tiret espace point virgule strich bindestrich leerzeichen punkt komma then luego despues puis ensuite dann stroke gap break parenthesis brackets okay ok yeah right',
  ],
  [
    F.CORRECTION,
    'sorry wait actually correction scratch oops whoops perdon perdona disculpe espera pardon attendez desole entschuldigung moment korrektur nein',
  ],
  [
    F.UNIT,
    `minutes minute mins min hours hour hrs seconds secs days day weeks week months month years year percent pct
     miles mile kilometers kilometres km meters metres feet foot inches inch cm mm kg kilos grams pounds lbs ounces tons litres liters gallons
     degrees volts watts amps mb gb tb kb megabytes gigabytes bytes people persons units items times pieces copies points steps rows records
     minutos horas dias semanas meses anos porciento metros kilometros minutes heures jours semaines mois ans pourcent metres kilometres
     minuten stunden tage wochen monate jahre prozent meter kilometer stuck mal hectares acres square sqft votes visitors views clicks followers users`,
  ],
  [
    F.CURRENCY | F.UNIT,
    `dollars dollar bucks cents cent euros euro eur usd gbp pounds quid pence chf cad aud jpy yen rupees inr pesos peso mxn francs franken kronor dolares centavos`,
  ],
  [F.AT, 'at arroba arobase arrobas aet at_sign klammeraffe affenschwanz arobas chiocciola'],
  [F.DOT, 'dot punto point punkt period ponto punt'],
  [
    F.MAIL_JOINER,
    'underscore dash hyphen minus plus guion bajo tiret bas souligne unterstrich bindestrich strich minus moins mas score',
  ],
  [
    F.NO_LOCAL_PART,
    `i me my mine you your yours he him his she her we us our they them their it its this that these those who whom what which where when
     why how here there now then today tomorrow yesterday tonight am is are was were be been being do does did done have has had having
     will would can could shall should may might must not no yes and or but if because so as of off on in into onto out over under up down
     to from by with without about around for near at also just only even still again all any both each few more most other some such
     look looks looked looking see sees saw seen seeing find finds found finding check checks checked checking click clicks clicked
     go goes went going gone come comes came coming get gets got getting buy buys bought buying shop shops shopped shopping
     order orders ordered ordering purchase purchased sell sells sold selling visit visits visited visiting work works worked working
     live lives lived stay stays stayed meet meets met meeting arrive arrives arrived read reads reading sign signs signed signing signup
     register registers registered subscribe subscribed browse browsed browsing pay pays paid paying use uses used using try tries tried
     log logs logged logging follow follows followed following join joins joined post posts posted posting list lists listed listing
     available online store stores site sites website page pages portal web link links app apps account accounts support team service
     desk help shopfront product products price prices deal deals offer offers sale sales located hosted based published advertised
     mentioned shown displayed saw noticed ran running start starts started end ends ended stop stops stopped sits stand stands
     please thanks thank hello hi hey ok okay right well good morning bye sorry said say says tell told ask asked talk talked know
     put puts set sets keep kept give gave make made take took need needs want wants like add added change changed update updated
     confirm confirmed note enter entered type typed drop let hear heard leave left bring brought show hit hits reach copy save saved
     guy guys people person someone everyone anything something nothing thing things stuff lot bit one way time day week month year
     aim aimed pointed point laugh laughed mad angry smile smiled good bad better best great fine back away home least last first once
     arrived landed ended start left stopped
     esta estan ver visto mire mira vi compre comprado en de la el los las que con por para y o su mi tu
     vu voir achete acheter sur de la le les des du dans chez et ou mon ma votre trouve
     gesehen sehen gekauft kaufen bei auf im am an und oder der die das mein ihr gefunden`,
  ],
  [F.EXTENSION, 'ext extn extension x xt anexo interno poste durchwahl anexo extensie'],
  [F.PLUS, 'plus mas'],
  [
    F.INTERJECTION,
    `yes yeah yep yup ya yea right correct ok okay okey k kay sure alright fine good great perfect excellent cool got it gotcha go on ahead
     uh huh um mm mhm mhmm mmhmm hmm hm aha ah oh i see and then next continue please thanks thank you keep going so far carry
     listening understood roger noted lovely brilliant super one moment sec second just a that im with copy ready whenever the rest
     hang hold bear me what is was after before say again last part
     si vale bien claro de acuerdo siga continue adelante digame perfecto aja ya entendido
     oui daccord accord ok tres bien continuez allez y je vous ecoute parfait entendu hein
     ja gut genau weiter bitte verstanden alles klar mhm richtig machen sie und dann aha okay`,
  ],
  [
    F.MAIL_PROVIDER,
    'gmail googlemail yahoo hotmail outlook icloud aol proton protonmail gmx ymail msn comcast verizon att live zoho fastmail yandex tutanota mailbox orange wanadoo free laposte web',
  ],
  [
    // Known words without a flag of their own: of hesitation, and whose numbers are telephones ("the hotel number").
    0,
    `let me see check you know i mean think so alors donc bon voila puis na bueno digamos
     local whose which store shop hotel restaurant doctor wife husband mother father mom dad mum brother sister son daughter
     neighbor neighbour landlord plumber tenant boss manager assistant secretary parents girlfriend boyfriend friend roommate partner`,
  ],
  [
    F.THING_VERB,
    `late shipped dispatched delivered moved duplicate duplicated missing cancelled canceled refunded closed reopened expired arrived
     overdue unpaid paid pending rejected returned lost delayed faulty broken resolved escalated assigned processed declined`,
  ],
  [F.PASSPORT_CUE, 'passport passports pasaporte passeport reisepass pass reisepassnummer passnummer'],
  [
    F.LICENCE_CUE,
    'license licence licenses licences dl driver drivers driving permis conduire fuhrerschein fuehrerschein fuhrerscheinnummer licencia carnet',
  ],
  [
    F.BIRTH_CUE,
    'birth born dob birthday birthdate birthdays nacimiento nacido nacida nacio naissance ne nee geboren geburtsdatum geburtstag geb',
  ],
  [F.BANK_CUE, 'account accounts acct routing aba sort checking savings konto kontonummer cuenta compte'],
  [F.AND, 'and y et und'],
  [
    F.TOP_LEVEL,
    `com org net edu gov mil int info biz io co me ai app dev uk us ca au nz ie de at ch fr be nl lu es pt it mx ar br cl pe jp cn in kr sg hk
     se no dk fi pl cz sk hu ro bg gr tr ru ua za eu name pro tech online store shop cloud email technology agency solutions services company tv cc mobi xyz site`,
  ],
];
