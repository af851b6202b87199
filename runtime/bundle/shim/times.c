// datetime's classes and Decimal, which the stable ABI does not know: by their
// attributes, of exactly these classes. A tzinfo but datetime.timezone does not
// cross.
//
// The classes are those of _datetime and _decimal. While something else stands
// in their place in module datetime or decimal (freezegun), no value of them
// is made: the original makes its own.
#include <string.h>

#include "shim.h"

enum class { DATE, TIME, DATETIME, DELTA, ZONE, DECIMAL, CLASSES };
static const struct {
	const char *core, *module, *name;
} names[CLASSES] = {
	[DATE] = {"_datetime", "datetime", "date"},         [TIME] = {"_datetime", "datetime", "time"},
	[DATETIME] = {"_datetime", "datetime", "datetime"}, [DELTA] = {"_datetime", "datetime", "timedelta"},
	[ZONE] = {"_datetime", "datetime", "timezone"},     [DECIMAL] = {"_decimal", "decimal", "Decimal"},
};
static PyObject *classes[CLASSES]; // once they are known
static PyObject *zone_offset, *zone_name;

static void drop(PyObject *object)
{
	if (object)
		Py_DecRef(object);
}

static PyObject *attribute_of(PyObject *module, const char *name)
{
	PyObject *value = module ? PyObject_GetAttrString(module, name) : NULL;
	drop(module);
	return value;
}

// ---- encoding --------------------------------------------------------------------------------------------------------

static PyObject *loaded(const char *module)
{
	PyObject *name = PyUnicode_FromString(module);
	PyObject *found = name ? PyImport_GetModule(name) : NULL;
	drop(name);
	return found;
}

// CLASSES: none of these. A class whose module is not loaded has no instances.
static enum class class_of(PyObject *value) {
	for (enum class i = 0; i < CLASSES;
	     i++){if (!classes[i]) classes[i] = attribute_of(loaded(names[i].core), names[i].name);
		  if (classes[i] && (PyObject *)Py_TYPE(value) == classes[i]) return i;}
PyErr_Clear();
return CLASSES;
}

static bool number_of(PyObject *value, const char *name, long *number)
{
	PyObject *found = PyObject_GetAttrString(value, name);
	*number = found ? PyLong_AsLong(found) : -1;
	drop(found);
	return found && (*number != -1 || !PyErr_Occurred());
}

static bool numbers_of(PyObject *value, const char *const *which, size_t count, long *numbers)
{
	for (size_t i = 0; i < count; i++)
		if (!number_of(value, which[i], &numbers[i]))
			return false;
	return true;
}

static bool encode_small(struct wire *wire, long value, size_t size)
{
	uint32_t number = (uint32_t)value;
	return encode_raw(wire, &number, size);
}

static bool encode_date(struct wire *wire, PyObject *value)
{
	static const char *const which[] = {"year", "month", "day"};
	long numbers[3];
	return numbers_of(value, which, 3, numbers) && encode_small(wire, numbers[0], 2) &&
	       encode_small(wire, numbers[1], 1) && encode_small(wire, numbers[2], 1);
}

static const char *const delta_parts[] = {"days", "seconds", "microseconds"};

static bool encode_zone(struct wire *wire, PyObject *zone)
{
	if (zone == Py_None())
		return encode_tag(wire, ZONE_NONE);
	if (class_of(zone) != ZONE)
		return false;
	if (!zone_offset)
		zone_offset = PyObject_GetAttrString(classes[ZONE], "utcoffset");
	if (!zone_name)
		zone_name = PyObject_GetAttrString(classes[ZONE], "tzname");
	if (!zone_offset || !zone_name)
		return false;
	long parts[3];
	PyObject *delta = PyObject_CallFunctionObjArgs(zone_offset, zone, Py_None(), NULL);
	bool done = delta && numbers_of(delta, delta_parts, 3, parts);
	drop(delta);
	if (!done)
		return false;
	int64_t offset = ((int64_t)parts[0] * 86400 + parts[1]) * 1000000 + parts[2];
	PyObject *name = PyObject_CallFunctionObjArgs(zone_name, zone, Py_None(), NULL);
	Py_ssize_t size = 0;
	const char *text = name ? PyUnicode_AsUTF8AndSize(name, &size) : NULL;
	done = text && encode_tag(wire, ZONE_NAMED) && encode_raw(wire, &offset, sizeof offset) &&
	       encode_small(wire, (long)size, 4) && encode_raw(wire, text, (size_t)size);
	drop(name);
	return done;
}

static bool encode_clock(struct wire *wire, PyObject *value, PyObject *zone)
{
	static const char *const which[] = {"hour", "minute", "second", "fold", "microsecond"};
	long numbers[5];
	if (!numbers_of(value, which, 5, numbers))
		return false;
	for (int i = 0; i < 4; i++)
		if (!encode_small(wire, numbers[i], 1))
			return false;
	return encode_small(wire, numbers[4], 4) && encode_zone(wire, zone);
}

static bool encode_moment(struct wire *wire, PyObject *value, enum class class, unsigned int kinds)
{
	PyObject *zone = PyObject_GetAttrString(value, "tzinfo");
	unsigned int kind = class == TIME       ? zone == Py_None() ? KIND_TIME : KIND_AWARE_TIME
			    : zone == Py_None() ? KIND_DATETIME
						: KIND_AWARE_DATETIME;
	bool done = zone && kinds & kind && encode_tag(wire, class == TIME ? TAG_TIME : TAG_DATETIME) &&
		    (class == TIME || encode_date(wire, value)) && encode_clock(wire, value, zone);
	drop(zone);
	return done;
}

static bool encode_delta(struct wire *wire, PyObject *value)
{
	long numbers[3];
	return numbers_of(value, delta_parts, 3, numbers) && encode_tag(wire, TAG_TIMEDELTA) &&
	       encode_small(wire, numbers[0], 4) && encode_small(wire, numbers[1], 4) &&
	       encode_small(wire, numbers[2], 4);
}

static bool encode_decimal(struct wire *wire, PyObject *value)
{
	PyObject *text = PyObject_Str(value);
	Py_ssize_t size = 0;
	const char *data = text ? PyUnicode_AsUTF8AndSize(text, &size) : NULL;
	bool done = data && size <= DIGITS_LIMIT && encode_head(wire, TAG_DECIMAL, (size_t)size) &&
		    encode_raw(wire, data, (size_t)size);
	drop(text);
	return done;
}

bool encode_time(struct wire *wire, PyObject *value, unsigned int kinds)
{
	bool done = false;
	enum class class = class_of(value);
	switch (class) {
	case DATE: done = kinds & KIND_DATE && encode_tag(wire, TAG_DATE) && encode_date(wire, value); break;
	case TIME:
	case DATETIME: done = encode_moment(wire, value, class, kinds); break;
	case DELTA: done = kinds & KIND_TIMEDELTA && encode_delta(wire, value); break;
	case DECIMAL: done = kinds & KIND_DECIMAL && encode_decimal(wire, value); break;
	default: break;
	}
	if (!done)
		PyErr_Clear();
	return done;
}

// ---- decoding --------------------------------------------------------------------------------------------------------

static bool take(const uint8_t **at, const uint8_t *end, void *into, size_t size)
{
	if ((size_t)(end - *at) < size)
		return false;
	memcpy(into, *at, size);
	*at += size;
	return true;
}

// NULL: it is not what the program sees under its name.
static PyObject *class_to_call(enum class which)
{
	if (!classes[which])
		classes[which] = attribute_of(PyImport_ImportModule(names[which].core), names[which].name);
	PyObject *seen = attribute_of(PyImport_ImportModule(names[which].module), names[which].name);
	drop(seen); // the class lives as long as classes has it
	return seen && seen == classes[which] ? seen : NULL;
}

static PyObject *make_delta(int days, int seconds, long long micros)
{
	PyObject *class = class_to_call(DELTA);
	return class ? PyObject_CallFunction(class, "iiL", days, seconds, micros) : NULL;
}

static PyObject *take_zone(const uint8_t **at, const uint8_t *end)
{
	uint8_t kind;
	int64_t offset;
	uint32_t size = 0;
	if (!take(at, end, &kind, 1))
		return NULL;
	if (kind == ZONE_NONE)
		return new_reference(Py_None());
	PyObject *class = class_to_call(ZONE), *name = NULL, *zone = NULL;
	if (!class || kind > ZONE_NAMED || !take(at, end, &offset, sizeof offset))
		return NULL;
	if (kind == ZONE_NAMED) {
		if (!take(at, end, &size, sizeof size) || (size_t)(end - *at) < size)
			return NULL;
		name = PyUnicode_FromStringAndSize((const char *)*at, (Py_ssize_t)size);
		*at += size;
		if (!name)
			return NULL;
	}
	PyObject *delta = make_delta(0, 0, offset);
	if (delta)
		zone = PyObject_CallFunctionObjArgs(class, delta, name, NULL);
	drop(delta);
	drop(name);
	return zone;
}

struct date_part {
	uint16_t year;
	uint8_t month, day;
};

static PyObject *take_moment(const uint8_t **at, const uint8_t *end, bool dated)
{
	struct date_part date = {0, 0, 0};
	uint8_t clock[4];
	uint32_t micros;
	PyObject *class = class_to_call(dated ? DATETIME : TIME), *zone, *args, *keywords, *made = NULL;
	if (!class || (dated && !take(at, end, &date, sizeof date)) || !take(at, end, clock, sizeof clock) ||
	    !take(at, end, &micros, sizeof micros) || micros > 999999 || !(zone = take_zone(at, end)))
		return NULL;
	args = dated ? Py_BuildValue("(iiiiiiiO)", date.year, date.month, date.day, clock[0], clock[1], clock[2],
				     (int)micros, zone)
		     : Py_BuildValue("(iiiiO)", clock[0], clock[1], clock[2], (int)micros, zone);
	keywords = Py_BuildValue("{s:i}", "fold", clock[3]);
	if (args && keywords)
		made = PyObject_Call(class, args, keywords);
	drop(args);
	drop(keywords);
	drop(zone);
	return made;
}

PyObject *decode_time(uint8_t tag, const uint8_t **at, const uint8_t *end)
{
	struct date_part date;
	int32_t parts[3];
	uint32_t size;
	PyObject *class, *text, *made = NULL;
	switch (tag) {
	case TAG_DATE:
		class = class_to_call(DATE);
		return class && take(at, end, &date, sizeof date)
			       ? PyObject_CallFunction(class, "iii", date.year, date.month, date.day)
			       : NULL;
	case TAG_TIME:
	case TAG_DATETIME: return take_moment(at, end, tag == TAG_DATETIME);
	case TAG_TIMEDELTA: return take(at, end, parts, sizeof parts) ? make_delta(parts[0], parts[1], parts[2]) : NULL;
	case TAG_DECIMAL:
		if (!take(at, end, &size, sizeof size) || (size_t)(end - *at) < size)
			return NULL;
		text = PyUnicode_FromStringAndSize((const char *)*at, (Py_ssize_t)size);
		*at += size;
		class = text ? class_to_call(DECIMAL) : NULL;
		if (class)
			made = PyObject_CallFunctionObjArgs(class, text, NULL);
		drop(text);
		return made;
	default: return NULL;
	}
}
