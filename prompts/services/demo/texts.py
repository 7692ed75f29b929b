"""What the invented requests are about, in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

#: One text in so many is long.
LONG = 200
LONG_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """A prompt type of the demo: its templates in the order of their numbers, and what is asked and answered with it.

    Each template has the one placeholder `{{input}}`. Sentences are joined to texts. `is_json` has the answer be an
    object with the fields of `FIELDS` instead of sentences. `weight` says how often it is used beside the others.
    """

    slug: str
    label: str
    purpose: str
    templates: tuple[str, ...]
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    weight: int
    is_json: bool = False


#: The JSON Schema of the answers that are objects.
FIELDS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "documentNumber": {"type": "string"},
        "total": {"type": "string"},
        "currency": {"type": "string"},
        "summary": {"type": "string"},
    },
    "required": ["documentNumber", "total", "currency", "summary"],
    "additionalProperties": False,
}
ENGLISH = (
    "The delivery of the second lot was delayed by eleven days because of the flooding at the port.",
    "Two of the forty pumps failed the pressure test and were returned to the manufacturer.",
    "The supplier asks for payment within thirty days of the date of the invoice.",
    "Our customer wants to know whether the warranty covers damage by salt water.",
    "Please note that the revised drawing replaces the one of last March.",
    "The site manager reports that the concrete of the north wall has reached its strength.",
    "Overtime in the last quarter rose by seven per cent, mostly in the maintenance team.",
    "The board approved the budget on condition that travel is reduced.",
    "A replacement of the air filter is due every two thousand hours.",
    "The insurance does not accept the claim, as the notice came too late.",
    "Training of the new operators begins on Monday and takes three weeks.",
    "The auditor found no deviation but recommends a second signature above the limit.",
    "Prices hold until the end of the year unless steel rises by more than ten per cent.",
    "The tenant may end the lease with six months of notice.",
    "Nobody was hurt; the forklift was taken out of service for an inspection.",
    "The attached table lists quantities, unit prices and the dates of delivery.",
)
THAI = (
    "การส่งมอบงวดที่สองล่าช้าไปสิบเอ็ดวันเนื่องจากน้ำท่วมที่ท่าเรือ",
    "ปั๊มสองเครื่องจากสี่สิบเครื่องไม่ผ่านการทดสอบแรงดันและถูกส่งคืนผู้ผลิต",
    "ผู้ขายขอให้ชำระเงินภายในสามสิบวันนับจากวันที่ในใบแจ้งหนี้",
    "ลูกค้าสอบถามว่าการรับประกันครอบคลุมความเสียหายจากน้ำเค็มหรือไม่",
    "โปรดทราบว่าแบบฉบับแก้ไขนี้ใช้แทนแบบเดือนมีนาคมที่ผ่านมา",
    "ผู้จัดการโครงการรายงานว่าคอนกรีตผนังด้านเหนือได้กำลังตามที่กำหนดแล้ว",
    "ค่าล่วงเวลาไตรมาสที่แล้วเพิ่มขึ้นร้อยละเจ็ด ส่วนใหญ่อยู่ในฝ่ายซ่อมบำรุง",
    "คณะกรรมการอนุมัติงบประมาณโดยมีเงื่อนไขให้ลดค่าเดินทาง",
    "ต้องเปลี่ยนไส้กรองอากาศทุกสองพันชั่วโมง",
    "บริษัทประกันไม่รับเรื่องเพราะแจ้งช้าเกินกำหนด",
    "การอบรมพนักงานใหม่เริ่มวันจันทร์และใช้เวลาสามสัปดาห์",
    "ราคานี้ใช้ได้ถึงสิ้นปี เว้นแต่ราคาเหล็กจะขึ้นเกินร้อยละสิบ",
    "ผู้เช่าบอกเลิกสัญญาได้โดยแจ้งล่วงหน้าหกเดือน",
    "ไม่มีผู้ได้รับบาดเจ็บ และได้นำรถยกไปตรวจสภาพแล้ว",
)
ARABIC = (
    "تأخر تسليم الدفعة الثانية أحد عشر يوما بسبب الفيضان في الميناء.",
    "لم تجتز مضختان من أربعين اختبار الضغط وأعيدتا إلى الشركة المصنعة.",
    "يطلب المورد الدفع خلال ثلاثين يوما من تاريخ الفاتورة.",
    "يسأل العميل عما إذا كان الضمان يشمل الضرر الناتج عن مياه البحر.",
    "يرجى ملاحظة أن المخطط المعدل يحل محل مخطط شهر مارس الماضي.",
    "أفاد مدير الموقع بأن خرسانة الجدار الشمالي بلغت المقاومة المطلوبة.",
    "ارتفع العمل الإضافي في الربع الأخير بنسبة سبعة في المئة، ومعظمه في قسم الصيانة.",
    "وافق المجلس على الميزانية بشرط تخفيض نفقات السفر.",
    "يجب تغيير مرشح الهواء كل ألفي ساعة.",
    "لا تقبل شركة التأمين المطالبة لأن الإشعار جاء متأخرا.",
    "يبدأ تدريب المشغلين الجدد يوم الاثنين ويستمر ثلاثة أسابيع.",
    "تبقى الأسعار سارية حتى نهاية السنة ما لم يرتفع سعر الحديد أكثر من عشرة في المئة.",
    "يجوز للمستأجر إنهاء العقد بإشعار مدته ستة أشهر.",
    "لم يصب أحد بأذى، وأخرجت الرافعة من الخدمة لفحصها.",
)
KINDS = (
    Kind(
        "demo_summaries",
        "Demo: summaries",
        "Demo: summary for the weekly report",
        (
            "Summarise in three sentences:\n\n{{input}}",
            "Summarise the text below in three sentences for somebody who was not there.\n\n{{input}}",
            "Summarise the text below in three sentences for somebody who was not there. Keep figures.\n\n{{input}}",
        ),
        ENGLISH,
        ENGLISH,
        weight=5,
    ),
    Kind(
        "demo_replies",
        "Demo: replies to customers",
        "Demo: ร่างคำตอบถึงลูกค้า",
        (
            "เขียนคำตอบถึงลูกค้าจากข้อความนี้\n\n{{input}}",
            "เขียนคำตอบถึงลูกค้าอย่างสุภาพและสั้นจากข้อความนี้\n\n{{input}}",
        ),
        THAI,
        THAI,
        weight=3,
    ),
    Kind(
        "demo_letters",
        "Demo: letters",
        "Demo: ترجمة رسالة رسمية",
        (
            "Translate into English:\n\n{{input}}",
            "Translate this letter into formal English. Keep names and numbers as they are.\n\n{{input}}",
        ),
        ARABIC,
        ENGLISH,
        weight=2,
    ),
    Kind(
        "demo_invoices",
        "Demo: invoices",
        "Demo: fields of an invoice",
        (
            "Take number, total, currency and a summary from this invoice:\n\n{{input}}",
            "Take number, total, currency and a summary from this invoice. Answer with JSON only.\n\n{{input}}",
            "Take number, total, currency and a summary from the invoice below. Answer with one JSON object that has "
            "exactly these fields, and never invent a value.\n\n{{input}}",
        ),
        ENGLISH,
        ENGLISH,
        weight=4,
        is_json=True,
    ),
)
PEOPLE = tuple(f"demo.{name}" for name in ("ann", "somchai", "layla", "maria", "preecha", "omar", "nightly-job"))


def text(sentences: Sequence[str], chance: Random) -> str:
    """Some of these sentences; mostly few."""
    number = LONG_SENTENCES if chance.randrange(LONG) == 0 else 1 + int(6 * chance.random() ** 2)
    return " ".join(chance.choices(sentences, k=number))
