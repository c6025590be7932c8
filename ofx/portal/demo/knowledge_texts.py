"""What the demonstration's desks have written down of their own: a record for each confidence × visibility. Data.

`worked`: of ten cases in which the advice was followed, how many ended well. Products and versions are invented.
"""

from typing import Any

CUSTOMER_RESTART = (
    "Your router needs new software. Leave it switched on tonight: it loads the software by itself and restarts once."
)
# Provider → records. `age`: days since it was written; `state`: how far it came.
RECORDS: dict[str, tuple[dict[str, Any], ...]] = {
    "brightwave": (
        {
            "title": "Router HB-7 loses its session at 03:00 since firmware 4.1",
            "symptom_customer": "Every morning the internet is off until I restart the router.",
            "symptom_technical": "PPP session ends at 03:00 with the renewal of the lease and is not begun again.",
            "fault_class": "intermittent", "cpe_model": "HB-7", "firmware_from": "4.1", "firmware_to": "4.1.9",
            "test_codes": ["LINE_OK"], "test_colour": "green", "cause": "Lease renewal of firmware 4.1",
            "cause_domain": "ours", "workaround": "Push firmware 4.2; until then restart the router",
            "verify": "Session older than a day", "customer_title": "The internet is off every morning",
            "customer_text": CUSTOMER_RESTART, "fix_what": "Firmware 4.2 for all", "fix_owner": "Brightwave devices",
            "confidence": "validated", "visibility": "public", "state": "approved", "age": 120, "worked": 9,
        },
        {
            "title": "Patch leads of Northfibre's splitters work loose after pole works",
            "symptom_customer": "No internet since there were people at the pole.",
            "symptom_technical": "ONT_NO_LIGHT on single lines of one splitter, days after works at the pole.",
            "fault_class": "no_connection", "operator": "northfibre", "technology": "FTTP",
            "test_codes": ["ONT_NO_LIGHT"], "test_colour": "red", "leds": "LOS red",
            "closure_codes": ["FIXED_NETWORK"], "cause": "Patch lead at the splitter loose", "cause_domain": "partner",
            "workaround": "Raise at once and name the works; ask for the splitter, not for the premises",
            "verify": "Line test green", "fix_partner_ref": "PRB-0411", "fix_owner": "Northfibre field",
            "confidence": "validated", "visibility": "internal", "state": "approved", "age": 95, "worked": 9,
        },
        {
            "title": "Card terminals on the guest Wi-Fi cannot reach their bank",
            "symptom_customer": "The card machine says no connection, everything else works.",
            "symptom_technical": "Guest network blocks port 9443 outwards.",
            "fault_class": "wifi", "cause": "Guest network filters ports", "cause_domain": "customer",
            "workaround": "Put the terminal on the main network or on a cable", "verify": "A payment of the shop",
            "confidence": "validated", "visibility": "reseller", "state": "approved", "age": 80, "worked": 8,
        },
        {
            "title": "Adapter forgets its registration when the router changes its address",
            "symptom_customer": "The phone has no dial tone after the internet was away.",
            "symptom_technical": "SIP 403 until the adapter is registered again.",
            "fault_class": "voice", "cause": "Adapter keeps the old contact address", "cause_domain": "ours",
            "workaround": "Register the adapter again from the voice desk", "verify": "Test call both ways",
            "customer_title": "No dial tone after the internet was away",
            "customer_text": "Pull the plug of the small phone adapter, wait ten seconds, and plug it in again.",
            "confidence": "not_validated", "visibility": "public", "state": "approved", "age": 40, "worked": 8,
        },
        {
            "title": "Eastwave lines: errors when the temperature falls below zero",
            "symptom_customer": "It drops on cold mornings.",
            "symptom_technical": "PON_ERRORS between five and nine on frosty days.",
            "fault_class": "intermittent", "operator": "eastwave", "test_codes": ["PON_ERRORS"],
            "test_colour": "amber", "cause": "Stiff fibre in the closure, perhaps", "cause_domain": "partner",
            "workaround": "Restart the fibre box and wait for the sun",
            "confidence": "not_validated", "visibility": "internal", "state": "approved", "age": 60, "worked": 3,
        },
        {
            "title": "Speed halves behind the HB-7's parental filter",
            "symptom_customer": "A tenth of the speed by cable as well.",
            "symptom_technical": "All traffic goes by the processor while the filter is on.",
            "fault_class": "slow_speed", "cpe_model": "HB-7", "cause": "Filter without hardware help",
            "cause_domain": "ours", "workaround": "Filter on the devices, not on the router",
            "verify": "Wired speed test above nine tenths of the product",
            "confidence": "not_validated", "visibility": "reseller", "state": "approved", "age": 55, "worked": 7,
        },
        {
            "title": "Southlink: line test green although the box is dark",
            "symptom_customer": "They say that the line is fine, and nothing works.",
            "symptom_technical": "The result is of the port before the last one; ask for a fresh reading.",
            "fault_class": "no_connection", "operator": "southlink", "test_codes": ["LINE_OK"],
            "workaround": "Test again after ten minutes",
            "confidence": "working", "visibility": "internal", "state": "draft", "age": 6, "worked": 5,
        },
        {
            "title": "Calls drop after 29 minutes on adapters of the first series",
            "symptom_customer": "Long calls are cut off.",
            "symptom_technical": "No answer to the re-INVITE after 1,740 seconds.",
            "fault_class": "voice", "workaround": "Switch session timers off in the profile",
            "confidence": "working", "visibility": "reseller", "state": "waiting", "age": 4, "worked": 5,
        },
        {
            "title": "Wi-Fi of the HB-7 slow beside a baby monitor",
            "symptom_customer": "Wi-Fi stutters in the children's room.",
            "symptom_technical": "Channel 11 is taken by a carrier that is always on.",
            "fault_class": "wifi", "cpe_model": "HB-7", "workaround": "Fix the channel at 1 or use 5 GHz",
            "customer_title": "Wi-Fi stutters near a baby monitor",
            "customer_text": "Choose the network name that ends in 5G on your phones and tablets.",
            "confidence": "working", "visibility": "public", "state": "waiting", "age": 3, "worked": 5,
        },
        {
            "title": "Old fibre boxes of type W1 hang after a power dip",
            "symptom_customer": "All lights on, no internet after the lights flickered.",
            "fault_class": "no_connection", "workaround": "Pull the power for a minute", "cause_domain": "partner",
            "confidence": "validated", "visibility": "internal", "state": "retired", "age": 150, "worked": 9,
            "why": "The last W1 was replaced in the spring.",
        },
        {
            "title": "Resellers' orders lost the static address at migration",
            "symptom_customer": "Our fixed address is gone.",
            "fault_class": "other", "workaround": "Assign it again from the list of the migration",
            "cause_domain": "process",
            "confidence": "validated", "visibility": "reseller", "state": "retired", "age": 145, "worked": 8,
            "why": "The migration is over.",
        },
        {
            "title": "Slow in the evening on the Harbour ring",
            "symptom_customer": "Films stop every evening.",
            "fault_class": "slow_speed", "workaround": "Tell the date of the upgrade", "cause_domain": "partner",
            "customer_title": "Slow evenings around the harbour",
            "customer_text": "The network around the harbour is being widened. You need not do anything.",
            "confidence": "not_validated", "visibility": "public", "state": "retired", "age": 140, "worked": 6,
            "why": "The ring was upgraded; superseded by the operator's notice.",
        },
    ),
    "cobalt": (
        {
            "title": "Leased lines of Northfibre: second supply is off after works at the site",
            "symptom_customer": "The whole site is offline since the electricians left.",
            "symptom_technical": "CFM_DOWN, and the box does not answer on its management address.",
            "fault_class": "ethernet_down", "test_codes": ["CFM_DOWN"], "test_colour": "red",
            "cause": "No power at the site", "cause_domain": "customer",
            "workaround": "Ask for the two lamps of the supplies before anything is raised", "verify": "CFM green",
            "confidence": "validated", "visibility": "internal", "state": "approved", "age": 110, "worked": 9,
        },
        {
            "title": "Cable of category 5 behind the counter",
            "symptom_customer": "Speed test shows 90 instead of 500.",
            "symptom_technical": "Port runs at 100 Mbit/s.",
            "fault_class": "slow_speed", "test_codes": ["SPEED_BELOW_PROFILE"], "test_colour": "amber",
            "cause": "Cable of category 5", "cause_domain": "customer", "workaround": "Send a cable of category 6",
            "customer_title": "The speed stops at 90", "verify": "Port at 1,000 Mbit/s",
            "customer_text": "Use the grey cable that came with your router between the fibre box and the router.",
            "confidence": "validated", "visibility": "public", "state": "approved", "age": 70, "worked": 9,
        },
    ),
    "meridian": (
        {
            "title": "Sign-in refused after a swap of the router",
            "symptom_customer": "The new router shows a red internet light.",
            "symptom_technical": "RADIUS reject: the old serial number is still bound to the line.",
            "fault_class": "no_connection", "cause": "Wrong sign-in after a swap", "cause_domain": "ours",
            "workaround": "Release the old serial number and restart the router", "verify": "Session is up",
            "confidence": "validated", "visibility": "internal", "state": "approved", "age": 90, "worked": 9,
        },
    ),
}  # fmt: skip
