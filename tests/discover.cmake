# Read by ctest each time it starts, not by cmake: LAB_BIN decides then which tests there are.

cmake_policy(VERSION 3.25)

# Makes one test of each doctest case in the test program `executable`, with the step's number and
# the case's suite as labels. `program` is the name of the program that the cases speak to, or empty
# for unit tests, which say nothing about the programs in LAB_BIN and so are left out with it, as
# cases of the suite `own` are: they demand what only our own programs must do.
function(register_tests executable label program)
    set(bin "$ENV{LAB_BIN}")
    if(bin STREQUAL "")
        set(bin "${default_bin}")
    elseif(program STREQUAL "")
        return()
    endif()

    if(program AND NOT EXISTS "${bin}/${program}")
        if(program IN_LIST missing_programs)
            return()
        endif()
        set(missing_programs "${missing_programs};${program}" PARENT_SCOPE)
        set(name "${label} there is a program ${bin}/${program}")
        add_test("${name}" "sh" "-c" "echo 'There is no such program. Build it, or set LAB_BIN.'; exit 1")
        set_tests_properties("${name}" PROPERTIES LABELS "${label}")
        return()
    endif()

    if(NOT EXISTS "${executable}")
        set(name "${label}: ${executable} is built")
        add_test("${name}" "sh" "-c" "echo 'It is not. Build it: ./lab test ${label}'; exit 1")
        set_tests_properties("${name}" PROPERTIES LABELS "${label}")
        return()
    endif()
    execute_process(COMMAND "${executable}" --list-test-cases --reporters=xml
                    OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "<TestCase [^>]*>" cases "${listing}")
    if(NOT cases)
        message(FATAL_ERROR "${executable} has no cases")
    endif()
    foreach(case IN LISTS cases)
        string(REGEX REPLACE ".* name=\"([^\"]*)\".*" "\\1" title "${case}")
        string(REGEX REPLACE ".* testsuite=\"([^\"]*)\".*" "\\1" suite "${case}")
        if(suite STREQUAL "own" AND NOT "$ENV{LAB_BIN}" STREQUAL "")
            continue()
        endif()
        string(REPLACE "&apos;" "'" title "${title}")
        # A comma would separate two filters of doctest.
        string(REPLACE "," "\\," filter "${title}")
        set(name "${label} ${suite}: ${title}")
        add_test("${name}" "${executable}" "--test-case=${filter}" --no-intro --no-version)
        # A case whose name speaks of so many seconds takes them, and compare's programs measure for seconds: they begin
        # early, or all would wait for them at the end.
        set(cost 0)
        if(title MATCHES "([0-9][0-9]|ten) s(econds)?( |$)" OR "${label} ${suite}" STREQUAL "compare full")
            set(cost 50)
        endif()
        # A case whose name speaks of ten thousand connections makes them, and measures what they cost the processor: two
        # at a time would each take twice as long, and measure each other.
        set(alone "")
        if(title MATCHES "10 000|ten thousand")
            set(alone RESOURCE_LOCK "ten thousand connections")
        endif()
        # The program ends itself before ctest does so, and says why: see tests/support/main.cpp.
        set_tests_properties("${name}" PROPERTIES LABELS "${label};${suite}" TIMEOUT 45 COST ${cost} ${alone}
                                                  ENVIRONMENT "LAB_CASE_SECONDS=42"
                                                  SKIP_REGULAR_EXPRESSION "SKIPPED: ")
    endforeach()
endfunction()

# Makes one test of each page, with the number of its step as a label, so that `lab test 05` runs the
# lesson too. Lessons show our programs: with LAB_BIN they say nothing.
function(register_lessons source build)
    if(NOT "$ENV{LAB_BIN}" STREQUAL "")
        return()
    endif()
    set(python python3 -B)
    execute_process(COMMAND python3 --version RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
    if(missing)
        set(python sh -c "echo 'SKIPPED: there is no python3'" --)
    endif()
    # In a pattern the brackets of a folder's name would be a choice of characters.
    string(REPLACE "[" "[[]" pattern "${source}")
    file(GLOB pages RELATIVE "${source}" "${pattern}/README.md" "${pattern}/tests/README.md"
         "${pattern}/lessons/*.md" "${pattern}/lessons/handouts/*.md")
    if(NOT pages)
        message(FATAL_ERROR "There are no pages in ${source}/lessons")
    endif()
    foreach(page IN LISTS pages)
        get_filename_component(title "${page}" NAME_WE)
        set(labels lessons)
        if(title MATCHES "^([0-9]+)_")
            list(APPEND labels "${CMAKE_MATCH_1}")
        endif()
        set(name "lesson ${title}: its commands print what the page shows")
        if(page MATCHES "^(tests/)?README.md")
            set(name "${CMAKE_MATCH_1}README: its commands print what the page shows")
        endif()
        # What takes longest begins first, or all would wait for it at the end.
        file(STRINGS "${source}/${page}" comparisons REGEX "^\\$ build/bin/compare run")
        set(cost 100)
        if(comparisons)
            set(cost 200)
        endif()
        add_test("${name}" ${python} "${source}/tests/lessons/run_lesson.py" --build "${build}" "${source}/${page}")
        # The runner gives a command 120 s, then says which one it was: so ctest must be the more patient.
        set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 300 COST ${cost}
                                                  SKIP_REGULAR_EXPRESSION "SKIPPED: ")
    endforeach()
    # The files of tests are run side by side: most of them wait.
    file(GLOB tests RELATIVE "${source}/tests" "${pattern}/tests/lessons/test_*.py"
         "${pattern}/tests/lab/test_*.py" "${pattern}/tests/compare/report/test_*.py")
    foreach(test IN LISTS tests)
        get_filename_component(folder "${test}" DIRECTORY)
        get_filename_component(file "${test}" NAME)
        set(name "common unit: what runs the lessons: ${file}")
        set(labels "common;unit")
        if(folder STREQUAL "lab")
            set(name "common unit: lab installs, builds and counts as it says: ${file}")
        elseif(folder STREQUAL "compare/report")
            set(name "compare unit: what is told of measured figures: ${file}")
            set(labels "compare;unit")
        endif()
        add_test("${name}" ${python} -m unittest discover -s "${source}/tests/${folder}" -p "${file}")
        set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 300 COST 100
                                                  SKIP_REGULAR_EXPRESSION "SKIPPED: ")
    endforeach()
endfunction()

# Makes a test of each file about exercises, wrong programs and the grader.
function(register_exercises source build)
    if(NOT "$ENV{LAB_BIN}" STREQUAL "")
        return()
    endif()
    set(files exercises/test_exercises.py exercises/test_styles.py mistakes/test_mistakes.py grader/test_one_mistake.py
              grader/test_grade.py grader/test_class.py grader/test_kits.py grader/test_results.py grader/test_running.py
              grader/test_target.py grader/test_transcript.py grader/test_variants.py)
    set(titles "a starter earns its gate and a solution all of basic" "right programs in other styles lose no mark"
               "the first case shown of a wrong program names its mistake"
               "lab grade says what is wrong, shows the first wrong byte, and leaves nothing behind"
               "lab grade names what it cannot grade, and grades a server that runs"
               "lab class grades each apart from all else" "a kit grades in the folders of its platform"
               "lab grade writes what each platform reads" "cases run in the order that is asked for"
               "a busy machine is no reason to give a server up" "a transcript shows each byte"
               "a student has values of their own, and is graded by them")
    foreach(file title IN ZIP_LISTS files titles)
        set(name "exercises: ${title}")
        add_test("${name}" python3 -B "${source}/tests/${file}")
        set_tests_properties("${name}" PROPERTIES LABELS exercises TIMEOUT 600 COST 150
                                                  ENVIRONMENT "LAB_BUILD=${build}"
                                                  SKIP_REGULAR_EXPRESSION "SKIPPED: ")
    endforeach()
endfunction()
